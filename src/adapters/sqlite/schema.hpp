#pragma once

#include "connection.hpp"
#include "migrations.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"

namespace smsbcast::adapters::sqlite {

/// Refuses a file that another program made. An empty one belongs to nobody yet.
std::optional<OpenFailure> check_owner(Connection& db, const std::string& path);

/// Applies the migrations that are missing, each in a transaction, and marks the file as ours. Refuses a schema that is
/// newer than this program, and one of which an applied migration was changed.
std::optional<OpenFailure> bring_up_schema(Connection& db, const std::string& path);

/// The migrations that were applied; none where their table does not exist.
schema::AppliedMigrations read_applied(Connection& db);

} // namespace smsbcast::adapters::sqlite
