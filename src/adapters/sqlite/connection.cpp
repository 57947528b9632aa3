#include "connection.hpp"

#include "smsbcast/base/chaos.hpp"

#include <fmt/format.h>

namespace smsbcast::adapters::sqlite {

namespace {

// Our own connections never meet a lock, since there is one writer and readers have snapshots. This
// is for somebody else's program, such as the sqlite3 shell, that has locked the file for a moment.
constexpr int kBusyTimeoutMs = 2000;

} // namespace

Connection::Connection(const std::string& path, Access access) {
    const int mode = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* opened = nullptr;
    const int code =
        // NOMUTEX: a connection is used by one thread at a time, so SQLite need not lock for each
        // call. EXRESCODE: the extended codes tell a write that failed from an fsync that did.
        sqlite3_open_v2(path.c_str(), &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    // SQLite gives a handle also when it failed to open, and that handle must be closed.
    database_.reset(opened);
    if (code != SQLITE_OK)
        fail(code, "open");
    sqlite3_busy_timeout(opened, kBusyTimeoutMs);
}

void Connection::execute(const char* sql) {
    const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        fail(code, "execute");
}

sqlite3_stmt* Connection::prepared(const Statement& statement) {
    auto& place = prepared_[&statement];
    if (!place) {
        sqlite3_stmt* made = nullptr;
        const char* const text = chaos::statement_text("sqlite", statement.name, statement.text);
        // PERSISTENT tells SQLite that the statement lives long, so it is kept out of the memory
        // for short-lived ones.
        const int code = sqlite3_prepare_v3(database_.get(), text, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
        place.reset(made);
        if (code != SQLITE_OK)
            fail(code, statement.name);
    }
    return place.get();
}

void Connection::fail(int code, const char* what) const {
    const char* const reason = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code);
    throw SqlFailure(code, fmt::format("{}: {} ({})", what, reason, code));
}

} // namespace smsbcast::adapters::sqlite
