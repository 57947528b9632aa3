#include "vetting.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

constexpr const char* kWhoAnswers = "SELECT pg_backend_pid(), current_setting('server_encoding')";

constexpr std::string_view kEncoding = "the database must have the encoding UTF8, or texts of providers cannot be "
                                       "stored: make one by CREATE DATABASE name "
                                       "ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL";

constexpr std::string_view kPooled =
    "DATABASE_URL leads to a connection pooler, such as PgBouncer, in transaction or statement mode, which loses a "
    "session's settings, locks and notifications: set pool_mode = session for this database there, or name the "
    "server's own port in DATABASE_URL";

// In transaction mode a pooler gives a server process that has just become free to whoever asks
// next, or hands processes out in turns; either shows when two connections ask twice each. Four
// rounds make a chance agreement unlikely.
constexpr int kRounds = 4;

Awaitable<Result<SessionCheck>> check_sessions(std::shared_ptr<Connection> first, std::shared_ptr<Connection> second,
                                               Deadline deadline) {
    SessionCheck check;
    for (int i = 0; i < 4 * kRounds && !check.shared(); ++i) {
        const auto asked = i % 4 < 2 ? SessionCheck::Connection::first : SessionCheck::Connection::second;
        const auto& connection = asked == SessionCheck::Connection::first ? first : second;
        const auto rows = co_await connection->ask("who_answers", kWhoAnswers, deadline);
        if (!rows)
            co_return rows.error();
        check.answered(asked, rows->integer(0, 0));
    }
    co_return check;
}

} // namespace

void SessionCheck::answered(Connection connection, int pid) {
    auto& own = pids_[static_cast<std::size_t>(connection)];
    const auto& other = pids_[1 - static_cast<std::size_t>(connection)];
    // A pooler in session mode also announces another pid, but each connection keeps one process to
    // itself, and that is all that is needed.
    shared_ = shared_ || (own && *own != pid) || other == pid;
    own = pid;
}

// Both faults below would show late and far from their cause: a text that cannot be stored fails a
// batch on some night, and a pooler in transaction mode drops settings and advisory locks without a
// word. Hence the check at the start.
Awaitable<Result<void>> vet(std::shared_ptr<Database> database, Deadline deadline) {
    if (database->vetted())
        co_return Result<void>();
    const auto first = co_await database->connect(deadline);
    if (!first)
        co_return first.error();
    const auto answer = co_await (*first)->ask("who_answers", kWhoAnswers, deadline);
    if (!answer)
        co_return answer.error();
    if (answer->text(0, 1) != "UTF8") {
        log::error("database_unusable", {{"encoding", answer->text(0, 1)}, {"reason", kEncoding}});
        co_return Errc::conflict;
    }
    // The pid in the start-up packet is the pooler's invention where one stands in between. Without
    // a pooler the two agree, and the common case needs no second connection.
    if ((*first)->announced_pid() != answer->integer(0, 0)) {
        const auto second = co_await database->connect(deadline);
        if (!second)
            co_return second.error();
        const auto check = co_await check_sessions(*first, *second, deadline);
        if (!check)
            co_return check.error();
        if (check->shared()) {
            log::error("database_unusable", {{"reason", kPooled}});
            co_return Errc::conflict;
        }
    }
    database->note_vetted();
    co_return Result<void>();
}

} // namespace smsbcast::adapters::postgres
