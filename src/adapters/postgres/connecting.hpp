#pragma once

#include "connection.hpp"

#include "smsbcast/adapters/postgres/postgres.hpp"

#include <string>

namespace smsbcast::adapters::postgres {

/// What an attempt to connect came to: a connection that is set up, or why there is none.
struct Connected {
    ConnectionHandle handle;
    std::string failure; ///< empty: it is
};

/// Connects and sets the session up. It blocks: each address that the host's name has may take connect_timeout, and so
/// may the setting up.
Connected connect_blocking(const PostgresParams& params);

} // namespace smsbcast::adapters::postgres
