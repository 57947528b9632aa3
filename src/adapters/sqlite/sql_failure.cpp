#include "sql_failure.hpp"

#include <sqlite3.h>

namespace smsbcast::adapters::sqlite {

// The disk, its space and locks of other programs are conditions that pass, hence `unavailable`; a
// caller that heard `internal` would give up. A damaged file is internal: waiting does not mend it.
Errc errc_of(int code) {
    switch (code & 0xff) { // the primary code
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_NOMEM: return Errc::unavailable;
    case SQLITE_INTERRUPT: return Errc::timeout;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return Errc::refused;
    default: return Errc::internal;
    }
}

} // namespace smsbcast::adapters::sqlite
