#include "pg_fixture.hpp"
#include "pg_gate.hpp"

#include "adapters/postgres/database.hpp"

#include <boost/asio/post.hpp>

// What the pool does when connections are few, slow, or go.

namespace smsbcast::test {

namespace pg = adapters::postgres;

namespace {

using boost::asio::awaitable;
using std::chrono::seconds;

constexpr pg::Statement kOne{"test_one", "SELECT 1"};
constexpr pg::Statement kTwo{"test_two", "SELECT 2"};
constexpr pg::Statement kNone{"test_none", "SELECT 1 / $1::int"};
constexpr pg::Statement kPid{"test_pid", "SELECT pg_backend_pid()"};
constexpr pg::Statement kSleep{"test_sleep", "SELECT 1 FROM pg_sleep(600)"};

void one_connection(PostgresParams& params) {
    params.pool_size = 1;
}

Result<std::vector<pg::Rows>> run(PgFixture& fixture, pg::Transaction transaction,
                                  Deadline deadline = StoreFixture::deadline()) {
    return fixture.run(fixture.database()->run(std::move(transaction), deadline));
}

pg::Transaction transaction_of(std::vector<const pg::Statement*> statements) {
    pg::Transaction transaction;
    for (const auto* statement : statements)
        transaction.push_back({statement, statement == &kNone ? pg::Params().integer(0) : pg::Params()});
    return transaction;
}

int pid_of(PgFixture& fixture) {
    const auto rows = run(fixture, transaction_of({&kPid}));
    REQUIRE(rows.has_value());
    return rows->front().integer(0, 0);
}

void terminate_all(PgFixture& fixture) {
    fixture.admin().query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '" +
                          fixture.schema() + "'");
}

} // namespace

TEST_CASE("what the URL says in its options stays in force", "[postgres][pool]") {
    PgFixture fixture([](PostgresParams& params) {
        params.url += params.url.find('?') == std::string::npos ? "?" : "&";
        params.url += "options=-c%20work_mem%3D7MB%20-c%20jit%3Don";
    });
    static constexpr pg::Statement kSettings{"test_settings",
                                             "SELECT current_setting('work_mem'), current_setting('jit')"};
    const auto rows = run(fixture, transaction_of({&kSettings}));
    REQUIRE(rows.has_value());
    CHECK(rows->front().text(0, 0) == "7MB");
    CHECK(rows->front().text(0, 1) == "off"); // what we need comes last
}

TEST_CASE("a URL that cannot be read is refused without being repeated", "[postgres][pool]") {
    boost::asio::io_context io{1};
    for (const char* const url :
         {"postgres://u:100%secret@host/db", "postgres://u:secret@[::1/db", "host=secret nosuch=1"})
        try {
            pg::make_database(io, {.url = url});
            FAIL("it was accepted");
        } catch (const std::invalid_argument& error) {
            CHECK_THAT(error.what(), !Catch::Contains("secret"));
        }
}

TEST_CASE("abandoned, everything fails at once", "[postgres][pool]") {
    PgFixture fixture(&one_connection);
    REQUIRE(run(fixture, transaction_of({&kOne})).has_value());
    std::vector<boost::asio::awaitable<Result<void>>> calls;
    for (int i = 0; i < 3; ++i) // one holds the connection, the others wait for it
        calls.push_back([](std::shared_ptr<pg::Database> database) -> awaitable<Result<void>> {
            pg::Transaction transaction = transaction_of({&kSleep});
            const auto rows = co_await database->run(std::move(transaction), StoreFixture::deadline());
            co_return rows ? Result<void>() : Result<void>(rows.error());
        }(fixture.database()));
    calls.push_back([](std::shared_ptr<pg::Database> database) -> awaitable<Result<void>> {
        co_await boost::asio::post(database->shard(), boost::asio::use_awaitable);
        pg::abandon(*database);
        co_return Result<void>();
    }(fixture.database()));
    const auto results = fixture.run_all(std::move(calls));
    for (int i = 0; i < 3; ++i)
        CHECK(results.at(static_cast<std::size_t>(i)).error() != Errc::timeout);
    CHECK(run(fixture, transaction_of({&kOne})).error() == Errc::unavailable);
}

TEST_CASE("a transaction gives the rows of each of its statements", "[postgres][pool]") {
    PgFixture fixture;
    for (int time = 0; time < 3; ++time) {
        const auto rows = run(fixture, transaction_of({&kOne, &kTwo, &kOne, &kOne}));
        REQUIRE(rows.has_value());
        REQUIRE(rows->size() == 4);
        CHECK(rows->at(0).integer(0, 0) == 1);
        CHECK(rows->at(1).integer(0, 0) == 2);
        CHECK(rows->at(3).integer(0, 0) == 1);
    }
}

TEST_CASE("a transaction that failed leaves its connection in order", "[postgres][pool]") {
    PgFixture fixture(one_connection);
    const auto pid = pid_of(fixture);
    CHECK(run(fixture, transaction_of({&kOne, &kNone, &kTwo})).error() == Errc::refused);
    // The first was prepared, the last one was not.
    CHECK(run(fixture, transaction_of({&kOne, &kTwo})).has_value());
    CHECK(run(fixture, transaction_of({&kNone})).error() == Errc::refused);
    CHECK(run(fixture, transaction_of({&kTwo, &kOne})).has_value());
    CHECK(pid_of(fixture) == pid);
}

TEST_CASE("who finds no free connection waits until the deadline", "[postgres][pool]") {
    PgFixture fixture(one_connection);
    auto loan = fixture.run(fixture.database()->acquire(StoreFixture::deadline()));
    REQUIRE(loan.has_value());
    const auto begun = Deadline::Clock::now();
    CHECK(run(fixture, transaction_of({&kOne}), Deadline::after(milliseconds(60))).error() == Errc::timeout);
    CHECK(Deadline::Clock::now() - begun >= milliseconds(60));
    { const auto back = std::move(*loan); }
    CHECK(run(fixture, transaction_of({&kOne})).has_value());
    CHECK(run(fixture, transaction_of({&kOne}), Deadline::after(milliseconds(-1))).error() == Errc::timeout);
    CHECK(run(fixture, transaction_of({&kOne})).has_value());
}

TEST_CASE("connections are given out in the order of asking", "[postgres][pool]") {
    PgFixture fixture(one_connection);
    std::vector<int> order;
    const auto one = [](pg::Database& database, int number, std::vector<int>& told) -> awaitable<Result<void>> {
        pg::Transaction transaction = transaction_of({&kOne});
        const auto rows = co_await database.run(std::move(transaction), StoreFixture::deadline());
        told.push_back(number);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    };
    std::vector<awaitable<Result<void>>> calls;
    for (int i = 0; i < 20; ++i)
        calls.push_back(one(*fixture.database(), i, order));
    for (const auto& result : fixture.run_all(std::move(calls)))
        CHECK(result.has_value());
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(order.size() == 20);
}

TEST_CASE("the pool does not grow beyond its size", "[postgres][pool]") {
    PgFixture fixture([](PostgresParams& params) { params.pool_size = 3; });
    std::vector<awaitable<Result<std::vector<pg::Rows>>>> calls;
    for (int i = 0; i < 50; ++i)
        calls.push_back(fixture.database()->run(transaction_of({&kPid}), StoreFixture::deadline()));
    std::set<int> pids;
    for (const auto& rows : fixture.run_all(std::move(calls))) {
        REQUIRE(rows.has_value());
        pids.insert(rows->front().integer(0, 0));
    }
    CHECK(pids.size() <= 3);
}

TEST_CASE("connections that the server ended while idle are replaced", "[postgres][pool]") {
    PgFixture fixture(one_connection);
    for (int time = 0; time < 3; ++time) {
        const auto pid = pid_of(fixture);
        terminate_all(fixture);
        CHECK(pid_of(fixture) != pid);
    }
}

TEST_CASE("connections that the server ends in the middle give a retryable error", "[postgres][pool]") {
    PgFixture fixture;
    const auto kill = [](PgFixture& all) -> awaitable<Result<std::vector<pg::Rows>>> {
        co_await boost::asio::post(all.io(), boost::asio::use_awaitable);
        // The other call is under way once the server shows its statement.
        while (all.admin().number("SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + all.schema() +
                                  "' AND query LIKE '%pg_sleep(600)%'") == 0)
            co_await runtime::sleep_until(all.io(), Deadline::after(milliseconds(5)));
        terminate_all(all);
        co_return std::vector<pg::Rows>();
    };
    std::vector<awaitable<Result<std::vector<pg::Rows>>>> calls;
    calls.push_back(fixture.database()->run(transaction_of({&kSleep}), StoreFixture::deadline()));
    calls.push_back(kill(fixture));
    const auto results = fixture.run_all(std::move(calls));
    REQUIRE_FALSE(results[0].has_value());
    CHECK(results[0].error() == Errc::unavailable); // the server said that it ended the statement
    CHECK(run(fixture, transaction_of({&kOne})).has_value());
}

TEST_CASE("the server's own limits are timeouts, and the connection stays", "[postgres][pool]") {
    PgFixture fixture([](PostgresParams& params) {
        params.pool_size = 1;
        params.statement_timeout = milliseconds(2000);
        params.lock_timeout = milliseconds(500);
    });
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto pid = pid_of(fixture);
    CHECK(run(fixture, transaction_of({&kSleep})).error() == Errc::timeout);
    fixture.admin().query("BEGIN; SELECT * FROM outbox FOR UPDATE");
    const auto queued = fixture.run(fixture.housekeeping().finish_cancels(kResolve, StoreFixture::deadline()));
    CHECK(queued.has_value()); // nothing to do with that row
    const std::vector<TicketRef> tickets{{TicketId{*parse_uuid(fixture.admin().value("SELECT id FROM outbox"))}, 0}};
    const auto taken = fixture.run(
        fixture.tickets().take(tickets, WorkerId{new_uuid()}, kLong, Handover::at_once, StoreFixture::deadline()));
    CHECK(taken.error() == Errc::timeout);
    fixture.admin().query("ROLLBACK");
    CHECK(driver.take(tickets).size() == 1);
    CHECK(driver.get(id).counts[MessageStatus::sending] == 3);
    CHECK(pid_of(fixture) == pid);
}

TEST_CASE("a call ends at its deadline, whatever the server does", "[postgres][pool]") {
    PgFixture fixture([](PostgresParams& params) {
        params.pool_size = 1;
        params.statement_timeout = 2 * kPatience; // so that it is not what ends the call
    });
    CHECK(run(fixture, transaction_of({&kSleep}), Deadline::after(milliseconds(150))).error() == Errc::timeout);
    CHECK(run(fixture, transaction_of({&kOne})).has_value());
}

TEST_CASE("a server that does not answer costs the deadline", "[postgres][pool]") {
    PgGate gate;
    PgFixture fixture([&](PostgresParams& params) { params.url = gate.url(); });
    CHECK(run(fixture, transaction_of({&kOne})).has_value());
    gate.hold(true);
    CHECK(run(fixture, transaction_of({&kOne}), Deadline::after(milliseconds(100))).error() == Errc::timeout);
    // No new connection comes about either.
    CHECK(run(fixture, transaction_of({&kOne}), Deadline::after(milliseconds(100))).error() == Errc::timeout);
    gate.hold(false);
    CHECK(run(fixture, transaction_of({&kOne})).has_value());
}

TEST_CASE("a server that is away is unavailable", "[postgres][pool]") {
    PgFixture fixture([](PostgresParams& params) { params.url = "postgres://nobody@127.0.0.1:1/none"; });
    CHECK(run(fixture, transaction_of({&kOne})).error() == Errc::unavailable);
    auto call = fixture.broadcasts().get(kTenant, BroadcastId{new_uuid()}, StoreFixture::deadline());
    const auto found = fixture.run(std::move(call));
    CHECK(found.error() == Errc::unavailable);
}

TEST_CASE("a read whose connection goes is unavailable, a change is uncertain", "[postgres][pool]") {
    PgGate gate;
    PgFixture fixture([&](PostgresParams& params) { params.url = gate.url(); });
    StoreDriver driver(fixture);
    const auto id = driver.create(1);
    gate.cut_at("get_broadcast", PgGate::When::after);
    CHECK(fixture.run(fixture.broadcasts().get(kTenant, id, StoreFixture::deadline())).error() == Errc::unavailable);
    gate.cut_at("claim_tickets", PgGate::When::after);
    const auto claimed = fixture.run(fixture.outbox().claim(100, kLong, StoreFixture::deadline()));
    CHECK(claimed.error() == Errc::uncertain);
    CHECK(gate.cuts() == 2);
    CHECK(driver.get(id).counts[MessageStatus::pending] == 1);
}

} // namespace smsbcast::test
