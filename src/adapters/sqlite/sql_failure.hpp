#pragma once

#include "smsbcast/base/error.hpp"

#include <stdexcept>
#include <string>

namespace smsbcast::adapters::sqlite {

/// SQLite refused. Thrown on the database's own threads only, where it ends a job; callers see its Errc.
class SqlFailure : public std::runtime_error {
public:
    /// `code` is SQLite's extended result code.
    SqlFailure(int code, const std::string& message) : std::runtime_error(message), code_(code) {}

    int code() const { return code_; }

private:
    int code_;
};

/// The meaning of a result code for a caller: unavailable where the disk, its space or the memory
/// is at fault, or another program has the file locked · timeout when it was interrupted · refused
/// where the values are at fault (a constraint, a trigger, their size) · everything else internal.
Errc errc_of(int code);

} // namespace smsbcast::adapters::sqlite
