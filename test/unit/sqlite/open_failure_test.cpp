#include "adapters/sqlite/open_failure.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <cerrno>

namespace smsbcast::adapters::sqlite {

TEST_CASE("a result code tells what a caller can do", "[sqlite]") {
    for (const int code : {SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_READONLY,
                           SQLITE_READONLY_DBMOVED, SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_NOMEM})
        CHECK(errc_of(code) == Errc::unavailable);
    CHECK(errc_of(SQLITE_INTERRUPT) == Errc::timeout);
    for (const int code : {SQLITE_CONSTRAINT, SQLITE_CONSTRAINT_TRIGGER, SQLITE_TOOBIG})
        CHECK(errc_of(code) == Errc::refused);
    for (const int code : {SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_MISUSE})
        CHECK(errc_of(code) == Errc::internal);
}

TEST_CASE("a failure to open names the file and what would help", "[sqlite]") {
    for (const int error : {ENOENT, ENOTDIR, EACCES, EROFS, ENOSPC, EIO}) {
        const auto told = cannot_write_beside("/data/store.db", error).message;
        CHECK(told.find("/data/store.db") == 0);
        CHECK(told.find('\n') == std::string::npos);
    }
    CHECK(cannot_write_beside("/data/store.db", ENOENT).message ==
          "/data/store.db: the folder /data does not exist: create it, or give another path");
    CHECK(cannot_write_beside("/data/store.db", EROFS).message.find("read-only") != std::string::npos);
    for (const int code :
         {SQLITE_FULL, SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_READONLY, SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_IOERR})
        CHECK(refused("/data/store.db", SqlFailure(code, "why")).message.find("/data/store.db") == 0);
    CHECK(refused("/data/store.db", SqlFailure(SQLITE_FULL, "")).message ==
          "/data/store.db: the disk that holds /data is full: free some space");
}

} // namespace smsbcast::adapters::sqlite
