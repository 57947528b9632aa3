#include "sqlite_fixture.hpp"

#include <sys/resource.h>

#include <csignal>

// A disk that is full or broken: callers are told, nothing acknowledged is lost, and it goes on by itself.

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;

namespace {

/// Every write beyond this size of a file fails, as on a disk that breaks.
class FileLimit {
public:
    explicit FileLimit(rlim_t most) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{most, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;

private:
    rlimit before_{};
};

NewBroadcast large() {
    NewBroadcast broadcast{BroadcastId{new_uuid()}, std::nullopt, "a text", {}, 100};
    for (std::uint64_t i = 0; i < 30'000; ++i)
        broadcast.recipients.push_back(PhoneNumber::from_digits(66810000000 + i));
    return broadcast;
}

boost::system::error_code ping(SqliteFixture& fixture) {
    const auto answer = fixture.run(fixture.receipts().ping(StoreFixture::deadline()));
    return answer ? boost::system::error_code() : answer.error();
}

} // namespace

TEST_CASE("a full disk is unavailable until there is space again", "[sqlite][disk]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const auto id = driver.create(500);
    const auto taken = driver.take(driver.queue());
    fixture.execute("PRAGMA max_page_count = 400");
    const auto broadcast = large();
    const auto refused = fixture.run(create(fixture.broadcasts(), broadcast, StoreFixture::deadline()));
    CHECK(refused.error() == Errc::unavailable);
    auto call = fixture.broadcasts().get(kTenant, broadcast.id, StoreFixture::deadline());
    CHECK(fixture.run(std::move(call)).error() == Errc::not_found);
    // What needs no more room goes on meanwhile.
    driver.record({accepted(taken[0], 0)});
    fixture.execute("PRAGMA max_page_count = 1000000");
    CHECK_FALSE(ping(fixture));
    driver.until([&] { return fixture.number("SELECT count(*) FROM creating") == 0; });
    CHECK(fixture.number("SELECT count(*) FROM messages") == 500);
    CHECK(fixture.run(create(fixture.broadcasts(), broadcast, StoreFixture::deadline())).has_value());
    CHECK(driver.get(broadcast.id).counts[MessageStatus::pending] == 30'000);
    CHECK(driver.get(id).counts[MessageStatus::sent] == 1);
    driver.check_counts();
}

TEST_CASE("a disk that breaks fails all that shared the transaction, and comes back", "[sqlite][disk]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const auto id = driver.create(500);
    const auto taken = driver.take(driver.queue());
    const auto before = driver.get(id).counts;
    {
        const FileLimit limit(4096);
        std::vector<boost::asio::awaitable<Result<void>>> calls;
        {
            const auto held = fixture.hold_writer();
            for (const auto& ticket : taken)
                calls.push_back(fixture.tickets().record(all_accepted(ticket), kResolve, StoreFixture::deadline()));
        }
        for (const auto& result : fixture.run_all(std::move(calls))) {
            REQUIRE_FALSE(result.has_value());
            CHECK(result.error() == Errc::unavailable);
        }
        CHECK(ping(fixture));
        CHECK(ping(fixture));
        CHECK(driver.get(id).counts == before); // reading goes on
    }
    CHECK_FALSE(ping(fixture));
    for (const auto& ticket : taken)
        driver.record(all_accepted(ticket));
    CHECK(driver.get(id).counts[MessageStatus::sent] == 500);
    fixture.open();
    CHECK(driver.get(id).counts[MessageStatus::sent] == 500);
    driver.check_counts();
}

TEST_CASE("a creation that a broken disk cut short is cleared when it works again", "[sqlite][disk]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    driver.create(10);
    {
        const FileLimit limit(1'500'000); // the first piece has room
        const auto refused = fixture.run(create(fixture.broadcasts(), large(), StoreFixture::deadline()));
        CHECK(refused.error() == Errc::unavailable);
        CHECK(fixture.number("SELECT count(*) FROM creating") == 1);
    }
    CHECK_FALSE(ping(fixture));
    driver.until([&] { return fixture.number("SELECT count(*) FROM creating") == 0; });
    CHECK(fixture.number("SELECT count(*) FROM messages") == 10);
}

} // namespace smsbcast::test
