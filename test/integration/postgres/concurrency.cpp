#include "pg_fixture.hpp"

#include "smsbcast/runtime/wakeup.hpp"

#include <algorithm>
#include <random>

// Transactions of several connections on the same rows.

namespace smsbcast::test {

namespace pg = adapters::postgres;

namespace {

using boost::asio::awaitable;
using enum MessageStatus;

template <class T>
awaitable<Result<void>> only_whether(awaitable<Result<T>> call) {
    const auto result = co_await std::move(call);
    co_return result ? Result<void>() : Result<void>(result.error());
}

// Until it succeeds; a failure that may not be tried again is one.
awaitable<Result<void>> stubbornly(std::function<awaitable<Result<void>>()> call) {
    for (;;) {
        const auto result = co_await call();
        if (result || !is_retryable(result.error()))
            co_return result;
    }
}

std::vector<TakenTicket> reversed(std::vector<TakenTicket> tickets) {
    std::reverse(tickets.begin(), tickets.end());
    return tickets;
}

} // namespace

TEST_CASE("many writers in opposite orders do not meet in a deadlock", "[postgres][concurrency]") {
    PgFixture fixture([](PostgresParams& params) { params.pool_size = 16; });
    StoreDriver driver(fixture);
    std::mt19937 random(3);
    const auto deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    const auto before = fixture.admin().number(deadlocks);
    for (int round = 0; round < 6; ++round) {
        const auto id = driver.create(400, 20);
        const auto taken = driver.take(driver.queue());
        std::vector<awaitable<Result<void>>> calls;
        for (int i = 0; i < 8; ++i) {
            std::vector<MessageResult> results;
            std::vector<Receipt> receipts;
            for (const auto& ticket : i % 2 ? taken : reversed(taken))
                for (std::size_t place = 0; place < ticket.messages.size(); ++place) {
                    results.push_back(accepted(ticket, place));
                    receipts.push_back(receipt_of(ticket.messages[place].id));
                }
            if (i >= 4) {
                std::shuffle(results.begin(), results.end(), random);
                std::shuffle(receipts.begin(), receipts.end(), random);
            }
            calls.push_back(only_whether(fixture.receipts().apply(receipts, StoreFixture::deadline())));
            calls.push_back(fixture.tickets().record(results, kResolve, StoreFixture::deadline()));
            calls.push_back(only_whether(fixture.tickets().renew(refs(taken), kLong, StoreFixture::deadline())));
            calls.push_back(
                only_whether(fixture.tickets().mark_in_flight(refs(reversed(taken)), StoreFixture::deadline())));
        }
        for (const auto& result : fixture.run_all(std::move(calls)))
            CHECK(result.has_value());
        CHECK(driver.get(id).counts[delivered] == 400);
        driver.check_counts();
    }
    fixture.reconnect(); // statistics are sent when a connection ends
    CHECK(fixture.admin().number(deadlocks) == before);
}

TEST_CASE("a deadlock with somebody else is tried again", "[postgres][concurrency]") {
    PgFixture fixture;
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto ticket = driver.take_due();
    const auto first = to_string(ticket.messages[0].id);
    auto& admin = fixture.admin();
    // The other one holds the ticket and then wants the message; it would wait for a minute before it looks for a
    // deadlock, so ours is the transaction that is given up.
    admin.query("SET deadlock_timeout = '60s'; BEGIN; SELECT FROM outbox FOR UPDATE");
    const auto interfere = [](PgAdmin& other, boost::asio::io_context& io, std::string message,
                              PgAdmin& watch) -> awaitable<Result<void>> {
        while (watch.number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE "
                            "'%FOR NO KEY UPDATE%' AND " +
                            std::to_string(other.pid()) + " = ANY (pg_blocking_pids(pid))") == 0)
            co_await runtime::sleep_until(io, Deadline::after(milliseconds(5)));
        other.start("SELECT FROM messages WHERE id = '" + message + "' FOR UPDATE; COMMIT");
        co_return Result<void>();
    };
    PgAdmin watch;
    std::vector<awaitable<Result<void>>> calls;
    calls.push_back(fixture.tickets().record(all_accepted(ticket), kResolve, StoreFixture::deadline()));
    calls.push_back(interfere(admin, fixture.io(), first, watch));
    for (const auto& result : fixture.run_all(std::move(calls)))
        CHECK(result.has_value());
    admin.finish();
    CHECK(driver.get(id).counts[sent] == 2);
    driver.check_counts();
}

TEST_CASE("broken connections lose nothing and count nothing twice", "[postgres][concurrency]") {
    PgFixture fixture;
    StoreDriver driver(fixture);
    const auto kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" +
                      fixture.schema() + "' AND pid % 2 = ";
    for (int round = 0; round < 12; ++round) {
        const auto id = driver.create(300, 30);
        const auto taken = driver.take(driver.queue());
        std::vector<awaitable<Result<void>>> calls;
        for (const auto& ticket : taken) {
            std::vector<Receipt> receipts;
            for (const auto& message : ticket.messages)
                receipts.push_back(receipt_of(message.id));
            calls.push_back(stubbornly([&fixture, results = all_accepted(ticket)] {
                return fixture.tickets().record(results, kResolve, StoreFixture::deadline());
            }));
            calls.push_back(stubbornly([&fixture, receipts] {
                return only_whether(fixture.receipts().apply(receipts, StoreFixture::deadline()));
            }));
        }
        fixture.admin().start(kill + std::to_string(round % 2));
        for (const auto& result : fixture.run_all(std::move(calls)))
            CHECK(result.has_value());
        fixture.admin().finish();
        driver.check_counts();
        CHECK(driver.get(id).counts[delivered] == 300);
    }
    CHECK(driver.taken_messages() == 0);
}

TEST_CASE("the relay's commits may be asynchronous", "[postgres][concurrency]") {
    PgFixture fixture([](PostgresParams& params) { params.synchronous_commit = false; });
    StoreDriver driver(fixture);
    const auto id = driver.create(10, 5);
    CHECK(driver.take(driver.queue()).size() == 2);
    CHECK(driver.get(id).counts[sending] == 10);
}

} // namespace smsbcast::test
