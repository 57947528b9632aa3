#include "sqlite_fixture.hpp"

#include "adapters/sqlite/creation.hpp"

#include <boost/asio/co_spawn.hpp>

// Broadcasts that are written a piece at a time: all of it shows, or nothing ever does.

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;

namespace {

constexpr const char* kRows = "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM outbox) "
                              "+ (SELECT count(*) FROM creating)";

std::vector<PhoneNumber> phones(std::size_t count) {
    std::vector<PhoneNumber> made;
    for (std::size_t i = 0; i < count; ++i)
        made.push_back(PhoneNumber::from_digits(66810000000 + i));
    return made;
}

NewBroadcast made_of(std::size_t recipients) {
    return {BroadcastId{new_uuid()}, "a name", "a text", phones(recipients), 100};
}

/// A creation step by step, as the writer does it.
struct Steps {
    SqliteFixture& fixture;
    std::shared_ptr<sqlite::Creation> creation = std::make_shared<sqlite::Creation>(BroadcastId{new_uuid()}, 100);

    BroadcastId id() const { return creation->id(); }
    void write_piece(std::size_t recipients) const {
        auto work = [creation = creation, recipients](sqlite::Transaction& transaction) {
            return creation->write_piece(transaction, phones(recipients));
        };
        sqlite::Calls calls(fixture.io(), fixture.shared());
        REQUIRE(fixture.run(calls.write(std::move(work), StoreFixture::deadline())).has_value());
    }
    void finish(std::size_t recipients) const {
        auto work = [creation = creation, recipients](sqlite::Transaction& transaction) {
            return creation->finish(transaction, phones(recipients), {kTenant, "a name", "a text"});
        };
        sqlite::Calls calls(fixture.io(), fixture.shared());
        REQUIRE(fixture.run(calls.write(std::move(work), StoreFixture::deadline())).value() == IntakeOutcome::stored);
    }
};

bool is_there(SqliteFixture& fixture, BroadcastId id) {
    return fixture.run(fixture.broadcasts().get(kTenant, id, StoreFixture::deadline())).has_value();
}

/// The jobs that wait for a writer that is held, by what the disk may not make them lose.
int clearing_jobs(SqliteFixture& fixture) {
    int found = 0;
    while (const auto job = fixture.shared()->writes().try_pop())
        found += job->must_not_be_lost() ? 1 : 0;
    return found;
}

} // namespace

TEST_CASE("a large broadcast shows when it is whole, and not before", "[sqlite]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const Steps creation{fixture};
    for (int piece = 0; piece < 2; ++piece) {
        creation.write_piece(10'000);
        CHECK(fixture.number("SELECT count(*) FROM creating") == 1);
        CHECK_FALSE(is_there(fixture, creation.id()));
        CHECK(fixture.run(fixture.broadcasts().list(kTenant, std::nullopt, 10, StoreFixture::deadline()))->empty());
        CHECK(driver.claim().empty());
        CHECK_FALSE(driver.load().work_due);
        CHECK(driver.complete() == 0);
        CHECK(driver.receive_one(receipt_of(MessageId{creation.creation->first_message()})) == ReceiptOutcome::kept);
    }
    driver.end_hold(); // nobody can have a receipt of it
    creation.finish(5050);
    CHECK(fixture.number("SELECT count(*) FROM creating") == 0);
    CHECK(driver.get(creation.id()).counts[MessageStatus::pending] == 25'050);
    CHECK(driver.messages(creation.id()).size() == 25'050);
    CHECK(driver.queue().size() == 251);
}

TEST_CASE("a create call that ends at its deadline leaves nothing", "[sqlite]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const auto other = driver.create(1000);
    const auto before = fixture.number(kRows);
    auto large = made_of(400'000);
    const auto id = large.id;
    const auto made = fixture.run(create(fixture.broadcasts(), std::move(large), Deadline::after(milliseconds(100))));
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error() == Errc::timeout);
    driver.until([&] { return fixture.number(kRows) == before; });
    CHECK_FALSE(is_there(fixture, id));
    CHECK(driver.messages(other).size() == 1000);
}

TEST_CASE("what a process that ended had written of a broadcast is deleted", "[sqlite]") {
    SqliteFixture fixture;
    BroadcastId other;
    {
        StoreDriver driver(fixture);
        other = driver.create(300);
    }
    const auto before = fixture.number(kRows);
    const Steps creation{fixture};
    creation.write_piece(10'000);
    creation.write_piece(10'000);
    CHECK(fixture.number(kRows) > before + 20'000);
    fixture.open();
    CHECK(fixture.number(kRows) == before);
    CHECK(is_there(fixture, other));
    CHECK_FALSE(is_there(fixture, creation.id()));
}

TEST_CASE("a caller that is gone leaves nothing", "[sqlite]") {
    SqliteFixture fixture;
    const auto before = fixture.number(kRows);
    {
        boost::asio::io_context shard{1};
        auto store = sqlite::make_broadcast_store(shard, fixture.shared());
        boost::asio::co_spawn(shard, create(*store, made_of(400'000), StoreFixture::deadline()),
                              [](const std::exception_ptr&, const Result<void>&) {});
        while (fixture.number("SELECT count(*) FROM creating") == 0)
            shard.run_for(milliseconds(1));
        store.reset(); // and the coroutine dies with the shard
    }
    StoreDriver driver(fixture);
    driver.until([&] { return fixture.number(kRows) == before; });
}

TEST_CASE("an abandoned creation ends at once, and the next opening clears it", "[sqlite]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const auto other = driver.create(300);
    const auto before = fixture.number(kRows);
    std::optional<Result<void>> ended;
    boost::asio::io_context shard{1};
    auto store = sqlite::make_broadcast_store(shard, fixture.shared());
    boost::asio::co_spawn(shard, create(*store, made_of(400'000), StoreFixture::deadline()),
                          [&](const std::exception_ptr&, const Result<void>& result) { ended = result; });
    while (fixture.number("SELECT count(*) FROM creating") == 0)
        shard.run_for(milliseconds(1));
    sqlite::abandon_creations(*fixture.shared());
    shard.run();
    REQUIRE(ended);
    CHECK(ended->error() == Errc::unavailable);
    CHECK(fixture.number(kRows) < 400'000);
    CHECK(fixture.run(create(fixture.broadcasts(), made_of(10), StoreFixture::deadline())).error() ==
          Errc::unavailable);
    CHECK(driver.queue().size() == 3); // the other calls go on
    store.reset();
    fixture.open();
    CHECK(fixture.number(kRows) == before);
    CHECK(is_there(fixture, other));
}

TEST_CASE("an id that is being written is refused to others, and its owner stays whole", "[sqlite]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const Steps creation{fixture};
    creation.write_piece(10'000);
    for (const std::size_t recipients : {10, 15'000}) {
        auto again = made_of(recipients);
        again.id = creation.id();
        CHECK(fixture.run(take_in(fixture.broadcasts(), again, StoreFixture::deadline())).error() == Errc::conflict);
    }
    creation.finish(5000);
    CHECK(driver.get(creation.id()).counts[MessageStatus::pending] == 15'000);
}

TEST_CASE("a creation that wrote nothing leaves nothing to clear", "[sqlite]") {
    SqliteFixture fixture;
    const auto held = fixture.hold_writer();
    for (const std::size_t recipients : {10, 15'000}) {
        auto call = create(fixture.broadcasts(), made_of(recipients), Deadline::after(milliseconds(10)));
        CHECK(fixture.run(std::move(call)).error() == Errc::timeout);
    }
    CHECK(clearing_jobs(fixture) == 0);
}

TEST_CASE("however many creations end early, one job clears after them", "[sqlite]") {
    SqliteFixture fixture;
    const auto held = fixture.hold_writer();
    for (int i = 0; i < 5; ++i) {
        boost::asio::io_context shard{1};
        auto store = sqlite::make_broadcast_store(shard, fixture.shared());
        boost::asio::co_spawn(shard, create(*store, made_of(15'000), StoreFixture::deadline()),
                              [](const std::exception_ptr&, const Result<void>&) {});
        shard.poll();
        store.reset();
    }
    CHECK(clearing_jobs(fixture) == 1);
}

TEST_CASE("others are served between the pieces", "[sqlite]") {
    SqliteFixture fixture;
    std::vector<boost::asio::awaitable<Result<void>>> calls;
    std::vector<int> order;
    const auto note = [](boost::asio::awaitable<Result<void>> call, int number,
                         std::vector<int>& ended) -> boost::asio::awaitable<Result<void>> {
        auto result = co_await std::move(call);
        ended.push_back(number);
        co_return result;
    };
    calls.push_back(note(create(fixture.broadcasts(), made_of(100'000), StoreFixture::deadline()), 1, order));
    calls.push_back(note(create(fixture.broadcasts(), made_of(10), StoreFixture::deadline()), 2, order));
    for (const auto& result : fixture.run_all(std::move(calls)))
        CHECK(result.has_value());
    CHECK(order == std::vector{2, 1});
}

} // namespace smsbcast::test
