#include "pg_fixture.hpp"
#include "pg_gate.hpp"

// A commit wakes the relay.

namespace smsbcast::test {

namespace {

using boost::asio::awaitable;

awaitable<Deadline::Clock::time_point> woken(Outbox& outbox, Deadline deadline) {
    co_await outbox.wait_for_work(deadline);
    co_return Deadline::Clock::now();
}

// The first wait returns as soon as the connection listens.
void start_listening(PgFixture& fixture) {
    const auto deadline = StoreFixture::deadline();
    REQUIRE(fixture.run(woken(fixture.outbox(), deadline)) < deadline.at());
}

awaitable<Deadline::Clock::time_point> make(PgFixture& fixture, BroadcastId id) {
    NewBroadcast broadcast{id, std::nullopt, "text", {PhoneNumber::from_digits(66810000001)}, 100};
    const auto made = co_await create(fixture.broadcasts(), std::move(broadcast), StoreFixture::deadline());
    CHECK(made.has_value());
    co_return Deadline::Clock::now();
}

awaitable<Deadline::Clock::time_point> tell(PgFixture& fixture, BroadcastId id, BroadcastCommand command) {
    auto telling = fixture.broadcasts().command(kTenant, id, command, StoreFixture::deadline());
    const auto told = co_await std::move(telling);
    CHECK(told.has_value());
    co_return Deadline::Clock::now();
}

// Nothing but the other call ends the wait before its deadline.
void check_woken_by(PgFixture& fixture, awaitable<Deadline::Clock::time_point> call) {
    const auto deadline = StoreFixture::deadline();
    std::vector<awaitable<Deadline::Clock::time_point>> calls;
    calls.push_back(woken(fixture.outbox(), deadline));
    calls.push_back(std::move(call));
    const auto times = fixture.run_all(std::move(calls));
    CHECK(times[0] < deadline.at());
}

} // namespace

TEST_CASE("creating a broadcast wakes the relay at once", "[postgres][listen]") {
    PgFixture fixture([](PostgresParams& params) { params.pool_size = 1; });
    start_listening(fixture);
    for (int time = 0; time < 3; ++time) {
        check_woken_by(fixture, make(fixture, BroadcastId{new_uuid()}));
    }
}

TEST_CASE("resuming a broadcast wakes the relay", "[postgres][listen]") {
    PgFixture fixture;
    const BroadcastId id{new_uuid()};
    fixture.run(make(fixture, id));
    fixture.run(tell(fixture, id, BroadcastCommand::pause));
    start_listening(fixture);
    check_woken_by(fixture, tell(fixture, id, BroadcastCommand::resume));
}

TEST_CASE("a listener whose connection goes waits, and listens again", "[postgres][listen]") {
    PgFixture fixture;
    start_listening(fixture);
    fixture.admin().query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '" +
                          fixture.schema() + "'");
    const auto until = Deadline::after(milliseconds(200));
    CHECK(fixture.run(woken(fixture.outbox(), until)) >= until.at());
    start_listening(fixture);
    check_woken_by(fixture, make(fixture, BroadcastId{new_uuid()}));
}

TEST_CASE("a listener comes up over a link whose handshake takes longer than a wait", "[postgres][listen]") {
    PgGate gate;
    PgFixture fixture([&](PostgresParams& params) { params.url = gate.url(); });
    gate.delay(milliseconds(100));
    const auto listening = [&] {
        fixture.run(woken(fixture.outbox(), Deadline::after(milliseconds(50))));
        return fixture.admin().number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
                                      "AND application_name = '" +
                                      fixture.schema() + "'") == 1;
    };
    StoreDriver(fixture).until(listening);
    gate.delay(milliseconds(0));
    check_woken_by(fixture, make(fixture, BroadcastId{new_uuid()}));
}

} // namespace smsbcast::test
