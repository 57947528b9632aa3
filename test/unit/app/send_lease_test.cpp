#include "support/app_send_world.hpp"

#include <algorithm>

using namespace smsbcast;
using namespace smsbcast::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// One submit loop that sends ten messages a second of one long ticket.
struct SlowWorld : SendWorld {
    SlowWorld() {
        provider.latency = milliseconds(100);
        deliver(1, 1, 5000);
        start(1);
        loop.advance(seconds(1));
        CHECK(provider.order.size() >= 10);
    }

    std::size_t sent_during(std::chrono::nanoseconds length) {
        const std::size_t before = provider.order.size();
        loop.advance(length);
        return provider.order.size() - before;
    }

    auto failing(std::string name) {
        return [name = std::move(name)](std::string_view call) { return call == name; };
    }
};

} // namespace

TEST_CASE("lease: it is renewed long before it ends, for as long as there is something in hand", "[app][send]") {
    SlowWorld world;
    world.loop.advance(seconds(120));
    CHECK(world.script.count("renew") == 12);
    CHECK(world.store.rows.at(ticket_id(1)).lease_until > world.loop.clock.now() + seconds(15));
    CHECK(world.sent_during(seconds(10)) >= 99);
    world.stop();
    world.check_settled();
}

TEST_CASE("lease: nothing goes out when it could not be renewed in time", "[app][send]") {
    SlowWorld world;
    const auto age = GENERATE(seconds(0), seconds(15));
    world.loop.advance(age);
    TimePoint last{};
    world.provider.on_submit = [&](const Submission&) { last = world.loop.clock.now(); };
    world.script.fail_while(world.failing("renew"));
    const auto lease_until = world.store.rows.at(ticket_id(1)).lease_until;
    world.loop.advance(seconds(60));
    CHECK(last < lease_until - seconds(2));
    CHECK(last > lease_until - seconds(3));
    CHECK(world.provider.last_deadline <= lease_until - seconds(2));

    SECTION("it goes on when nobody took the ticket meanwhile") {
        world.script.stop_failing();
        world.loop.advance(seconds(2));
        CHECK(world.sent_during(seconds(10)) >= 99);
        world.stop();
        world.check_settled();
    }
    SECTION("it is forgotten when it was lost") {
        world.early_acks = true;
        world.store.expire_leases();
        world.script.stop_failing();
        world.loop.advance(seconds(2));
        CHECK(world.sender->in_hand() == 0);
        CHECK(world.all_acknowledged());
        CHECK(world.sent_during(seconds(10)) == 0);
        world.stop();
    }
}

TEST_CASE("lease: of a lost ticket nothing more goes out, and what is on its way is still told", "[app][send]") {
    SlowWorld world;
    world.early_acks = true;
    world.store.rows.at(ticket_id(1)).taken = false;
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.recorded_after_loss.size() + world.store.recorded.size() == world.provider.order.size());
    CHECK_FALSE(world.store.recorded_after_loss.empty());
    CHECK(world.store.given_back.empty());
    CHECK(world.sent_during(seconds(10)) == 0);
    world.stop();
}

TEST_CASE("pause: nothing goes out two seconds after it, and the rest is given back", "[app][send]") {
    SlowWorld world;
    world.deliver(2, 2, 5000);
    world.loop.advance(milliseconds(730));
    world.store.halted.insert(broadcast_id(1));
    const auto halted_at = world.loop.clock.now();
    world.provider.on_submit = [&](const Submission& submission) {
        if (submission.message < message_id(20000))
            CHECK(world.loop.clock.now() <= halted_at + milliseconds(600));
    };
    world.loop.advance(seconds(3));
    CHECK(world.store.given_back == std::set<TicketRef>{TicketRef{ticket_id(1), 1}});
    CHECK(world.consumer.count(FakeConsumer::State::acknowledged) == 1);
    CHECK(world.sent_during(seconds(10)) >= 99);
    world.stop();
    world.check_settled();
}

TEST_CASE("expiry: nothing goes out after the deadline, and the rest is given back", "[app][send]") {
    SendWorld world;
    world.lane.retry.unknown_policy = GENERATE(UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail);
    world.provider.latency = milliseconds(100);
    const auto deadline = world.loop.clock.now() + milliseconds(2050);
    world.store.expires.emplace(broadcast_id(1), deadline);
    world.deliver(1, 1, 5000);
    world.deliver(2, 2, 5000);
    world.provider.on_submit = [&](const Submission& submission) {
        if (submission.message < message_id(20000)) {
            CHECK(world.loop.clock.now() < deadline);
            CHECK(submission.start_before.at() <= deadline);
        }
    };
    const bool answers = GENERATE(true, false);
    if (!answers)
        world.script.fail_while([](std::string_view name) { return name == "not_running"; });
    world.start(2);
    world.loop.advance(seconds(4));
    CHECK(world.store.given_back.contains(TicketRef{ticket_id(1), 1}) == answers);
    world.script.stop_failing();
    world.loop.advance(seconds(1));
    CHECK(world.store.given_back == std::set<TicketRef>{TicketRef{ticket_id(1), 1}});
    CHECK(std::ranges::count_if(world.provider.order, [](const auto& id) { return id < message_id(20000); }) > 10);
    world.stop();
    world.check_settled();
}

TEST_CASE("pause: while it cannot be looked for nothing goes out, and afterwards it does", "[app][send]") {
    SlowWorld world;
    world.script.fail_while(world.failing("not_running"));
    world.store.halted.insert(broadcast_id(1));
    world.loop.advance(milliseconds(1500));
    CHECK(world.sent_during(seconds(5)) == 0);

    SECTION("halted indeed") {
        world.script.stop_failing();
        CHECK(world.sent_during(seconds(5)) == 0);
        CHECK(world.store.given_back.size() == 1);
    }
    SECTION("not halted") {
        world.store.halted.clear();
        world.script.stop_failing();
        world.loop.advance(milliseconds(500));
        CHECK(world.sent_during(seconds(10)) >= 99);
    }
    world.stop();
    world.check_settled();
}

TEST_CASE("mark: nothing goes out before the store knows, and little is marked ahead", "[app][send]") {
    SendWorld world;
    world.lane.retry.unknown_policy = UnknownPolicy::wait_then_fail;
    world.provider.latency = milliseconds(100);
    std::size_t most_ahead = 0;
    world.provider.on_submit = [&](const Submission&) {
        std::size_t begun = 0;
        for (const auto& [id, row] : world.store.rows)
            begun += row.begun;
        most_ahead = std::max(most_ahead, begun);
    };
    for (int i = 1; i <= 20; ++i)
        world.deliver(i, 1 + i % 2, 10);
    world.start(8);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.script.names()[0] == "receive");
    CHECK(world.store.recorded.size() == 200);
    CHECK(most_ahead <= 6);
    CHECK(world.loop.clock.now() - TimePoint{} - std::chrono::hours(1000) < milliseconds(3000));
    world.stop();
    world.check_settled();
}

TEST_CASE("mark: no message goes out of a ticket that was not marked", "[app][send]") {
    SendWorld world;
    world.lane.retry.unknown_policy = UnknownPolicy::wait_then_fail;
    world.provider.on_submit = [&](const Submission& submission) {
        for (const auto& [id, row] : world.store.rows)
            for (const auto& message : row.open)
                if (message.id == submission.message)
                    CHECK(row.begun);
    };
    world.deliver(1, 1, 30);
    world.deliver(2, 1, 30);
    world.start(4);
    SECTION("though the marking fails for a while") {
        world.script.fail_while([](std::string_view name) { return name == "begin"; });
        world.loop.advance(seconds(10));
        CHECK(world.provider.order.empty());
        CHECK(world.script.count("begin") >= 5);
        world.script.stop_failing();
    }
    SECTION("with no failure") {}
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.provider.order.size() == 60);
    world.stop();
    world.check_settled();
}

TEST_CASE("mark: only what must never go out twice is marked", "[app][send]") {
    const auto [policy, handover] = GENERATE(table<UnknownPolicy, Handover>({
        {UnknownPolicy::resend_same_key, Handover::at_once},
        {UnknownPolicy::resend, Handover::flagged},
        {UnknownPolicy::wait_then_fail, Handover::after_mark},
    }));
    SendWorld world;
    world.lane.retry.unknown_policy = policy;
    world.deliver(1, 1, 3);
    world.start(2);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.handovers == std::set{handover});
    CHECK((world.script.count("begin") > 0) == (handover == Handover::after_mark));
    world.stop();
    world.check_settled();
}

TEST_CASE("mark: what is not ours any more by then is not sent", "[app][send]") {
    SendWorld world;
    world.lane.retry.unknown_policy = UnknownPolicy::wait_then_fail;
    world.early_acks = true;
    world.script.fail_while([](std::string_view name) { return name == "begin"; });
    world.deliver(1, 1, 3);
    world.start(2);
    world.loop.advance(seconds(1));
    world.store.rows.at(ticket_id(1)).taken = false;
    world.script.stop_failing();
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.provider.order.empty());
    world.stop();
}
