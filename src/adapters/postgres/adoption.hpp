#pragma once

#include "connection.hpp"

#include <string>
#include <string_view>

namespace smsbcast::adapters::postgres {

// Releases before the schema `smsbcast` made their tables wherever the user's search path led, which is `public` as a
// rule. Such an installation is adopted: its tables are found there until they are moved, and its roles of the older
// release, which look for nothing else, go on working until they are stopped.

/// The statement that sets a session's search path: the schema, and behind it the one that holds tables to adopt, while
/// there are any. A session of that kind goes on working when they are moved meanwhile.
std::string set_search_path(std::string_view schema, bool adopts_tables);

/// Notes in the schema which migrations the tables to adopt already have, then moves them if no role of the release
/// that made them is connected. Does nothing where there are none. Under the lock of migrate(), with the table
/// `schema_migrations` made. Errors: those of a connection; that they cannot be moved yet is logged, and no error.
runtime::Awaitable<Result<void>> adopt_tables(Connection& connection, std::string_view schema,
                                              runtime::asio::io_context& shard, Deadline deadline);

} // namespace smsbcast::adapters::postgres
