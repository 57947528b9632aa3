#pragma once

#include "sql_failure.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"

#include <string>

namespace smsbcast::adapters::sqlite {

/// What to say when a file in the folder of `path` could not be made or written; `error` is an
/// errno.
OpenFailure cannot_write_beside(const std::string& path, int error);

/// What to say when `path` is not the file that the log beside it belongs to.
OpenFailure misplaced(const std::string& path);

/// What to say when SQLite refused to open `path` or to write its schema.
OpenFailure refused(const std::string& path, const SqlFailure& failure);

} // namespace smsbcast::adapters::sqlite
