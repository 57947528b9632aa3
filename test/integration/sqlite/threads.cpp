#include "sqlite_fixture.hpp"

#include "adapters/sqlite/query.hpp"

#include <atomic>
#include <thread>

// Who waits for whom, and for how long.

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;

namespace {

using boost::asio::awaitable;

awaitable<Result<void>> wait_for_work(Outbox& outbox, Deadline deadline) {
    co_await outbox.wait_for_work(deadline);
    co_return Result<void>();
}

NewBroadcast small() {
    return {BroadcastId{new_uuid()}, std::nullopt, "a text", {PhoneNumber::from_digits(66810000001)}, 100};
}

/// Changes a row, then fails as told.
auto failing(const char* then) {
    return [then](sqlite::Transaction& transaction) -> Result<void> {
        transaction.db.execute("INSERT INTO provider_refs VALUES ('default', 'half', x'00')");
        transaction.db.execute(then);
        return {};
    };
}

} // namespace

TEST_CASE("readers go on while the writer is busy", "[sqlite][threads]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const auto id = driver.create(100);
    const auto held = fixture.hold_writer();
    CHECK(driver.get(id).total == 100);
    CHECK(driver.messages(id).size() == 100);
    CHECK(driver.load().work_due);
}

TEST_CASE("a call whose deadline passes in the queue has done nothing", "[sqlite][threads]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    driver.create(1);
    auto held = fixture.hold_writer();
    const auto broadcast = small();
    const auto made = fixture.run(create(fixture.broadcasts(), broadcast, Deadline::after(milliseconds(50))));
    CHECK(made.error() == Errc::timeout);
    held.reset();
    driver.create(1);
    auto call = fixture.broadcasts().get(kTenant, broadcast.id, StoreFixture::deadline());
    CHECK(fixture.run(std::move(call)).error() == Errc::not_found);
    const auto late = fixture.run(create(fixture.broadcasts(), broadcast, Deadline::after(milliseconds(-1))));
    CHECK(late.error() == Errc::timeout);
}

TEST_CASE("a change whose deadline passes while it is made is uncertain", "[sqlite][threads]") {
    SqliteFixture fixture;
    sqlite::Calls calls(fixture.io(), fixture.shared());
    auto work = [](sqlite::Transaction& transaction) -> Result<std::string> {
        std::this_thread::sleep_for(milliseconds(2000));
        transaction.db.execute("INSERT INTO provider_refs VALUES ('default', 'late', x'00')");
        return std::string(1000, 'x');
    };
    CHECK(fixture.run(calls.write(work, Deadline::after(milliseconds(1000)))).error() == Errc::uncertain);
    StoreDriver driver(fixture);
    driver.until([&] { return fixture.number("SELECT count(*) FROM provider_refs") == 1; });
}

TEST_CASE("a read ends at its deadline, however much there is to look through", "[sqlite][threads]") {
    SqliteFixture fixture;
    sqlite::Calls calls(fixture.io(), fixture.shared());
    constexpr const char* kEndless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                                     "SELECT count(*) FROM n";
    auto work = [](sqlite::Transaction& transaction) -> Result<void> {
        transaction.db.execute(kEndless);
        return {};
    };
    std::vector<awaitable<Result<void>>> reads;
    for (int i = 0; i < 3; ++i)
        reads.push_back(calls.read(work, Deadline::after(milliseconds(50))));
    for (const auto& result : fixture.run_all(std::move(reads)))
        CHECK(result.error() == Errc::timeout);
    StoreDriver(fixture).create(3); // and the threads are free again
}

TEST_CASE("more than the queue holds is refused at once", "[sqlite][threads]") {
    SqliteFixture fixture;
    const auto held = fixture.hold_writer();
    std::vector<awaitable<Result<void>>> calls;
    for (int i = 0; i < 1100; ++i)
        calls.push_back(fixture.outbox().release({{TicketId{new_uuid()}, 0}}, Deadline::after(milliseconds(2000))));
    int overloaded = 0, late = 0;
    for (const auto& result : fixture.run_all(std::move(calls))) {
        overloaded += result.error() == Errc::overloaded;
        late += result.error() == Errc::timeout;
    }
    CHECK(overloaded == 76);
    CHECK(late == 1024);
}

TEST_CASE("a job that fails is undone alone, whatever its place in the group", "[sqlite][threads]") {
    SqliteFixture fixture;
    sqlite::Calls calls(fixture.io(), fixture.shared());
    for (const std::size_t bad : {0u, 1u, 4u}) {
        const auto before = fixture.number("SELECT count(*) FROM broadcasts");
        std::vector<awaitable<Result<void>>> jobs;
        for (std::size_t i = 0; i < 5; ++i)
            jobs.push_back(i == bad ? calls.write(failing("SELECT nonsense"), StoreFixture::deadline())
                                    : create(fixture.broadcasts(), small(), StoreFixture::deadline()));
        auto held = fixture.hold_writer();
        std::thread release([&] {
            std::this_thread::sleep_for(milliseconds(30));
            held.reset();
        });
        const auto results = fixture.run_all(std::move(jobs));
        release.join();
        for (std::size_t i = 0; i < results.size(); ++i)
            CHECK((i == bad ? results[i].error() == Errc::internal : results[i].has_value()));
        CHECK(fixture.number("SELECT count(*) FROM broadcasts") == before + 4);
        CHECK(fixture.number("SELECT count(*) FROM provider_refs") == 0);
    }
}

TEST_CASE("a waiting relay is woken by a commit", "[sqlite][threads]") {
    SqliteFixture fixture;
    const auto deadline = StoreFixture::deadline();
    std::vector<awaitable<Result<void>>> calls;
    calls.push_back(wait_for_work(fixture.outbox(), deadline));
    calls.push_back(create(fixture.broadcasts(), small(), StoreFixture::deadline()));
    fixture.run_all(std::move(calls));
    // What was signalled while nobody waited is not lost.
    CHECK(fixture.run(create(fixture.broadcasts(), small(), StoreFixture::deadline())).has_value());
    CHECK(fixture.run(wait_for_work(fixture.outbox(), deadline)).has_value());
    CHECK_FALSE(deadline.passed());
}

TEST_CASE("stores of several shards share one file", "[sqlite][threads]") {
    SqliteFixture fixture;
    std::atomic<int> failures = 0;
    std::vector<std::thread> shards;
    for (int shard = 0; shard < 4; ++shard)
        shards.emplace_back([&] {
            boost::asio::io_context io{1};
            const auto store = sqlite::make_broadcast_store(io, fixture.shared());
            for (int i = 0; i < 100; ++i)
                boost::asio::co_spawn(io, create(*store, small(), StoreFixture::deadline()),
                                      [&](const std::exception_ptr&, const Result<void>& made) { failures += !made; });
            io.run_for(kPatience);
        });
    for (auto& shard : shards)
        shard.join();
    CHECK(failures == 0);
    CHECK(fixture.number("SELECT count(*) FROM broadcasts") == 400);
}

TEST_CASE("a store may go before its calls are answered, and its shard with it", "[sqlite][threads]") {
    SqliteFixture fixture;
    auto held = fixture.hold_writer();
    {
        boost::asio::io_context io{1};
        auto store = sqlite::make_broadcast_store(io, fixture.shared());
        boost::asio::co_spawn(io, create(*store, small(), StoreFixture::deadline()),
                              [](const std::exception_ptr&, const Result<void>&) {});
        io.run_for(milliseconds(20));
        store.reset();
    }
    held.reset();
    StoreDriver(fixture).create(1);
}

} // namespace smsbcast::test
