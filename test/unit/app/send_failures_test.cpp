#include "support/app_send_world.hpp"

using namespace smsbcast;
using namespace smsbcast::test;
using State = FakeConsumer::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const auto kPolicies = {UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail};

SubmitOutcome mixed(const MessageId& id) {
    switch (id.value.bytes[15] % 5) {
    case 0: return Rejected{"invalid_number", "no such number"};
    case 1: return NotSent{"connect_refused", "refused"};
    case 2: return Uncertain{"reset", "gone"};
    default: return Accepted{"id", true};
    }
}

/// Three tickets of two broadcasts with every kind of answer, and one broadcast that is paused meanwhile.
void set_up(SendWorld& world, UnknownPolicy policy) {
    world.lane.retry.unknown_policy = policy;
    world.options.result_batch = 4;
    world.provider.latency = milliseconds(200);
    world.provider.outcome = mixed;
    world.deliver(1, 1, 7);
    world.deliver(2, 2, 5);
    world.deliver(3, 3, 200);
    world.start(3);
}

bool settled(const SendWorld& world) {
    return world.consumer.count(State::handed_out) + world.consumer.count(State::waiting) == 0;
}

} // namespace

TEST_CASE("send: whatever single call fails, nothing is lost, doubled or acknowledged too early", "[app][send]") {
    const auto policy = GENERATE(values(kPolicies));
    const auto fault = GENERATE(Fault::not_done, Fault::done);
    for (int number = 1;; ++number) {
        SendWorld world;
        world.script.fail_call(number, fault);
        set_up(world, policy);
        world.loop.advance(milliseconds(900));
        world.store.halted.insert(broadcast_id(3));
        INFO("call " << number << " of " << world.script.calls());
        REQUIRE(world.loop.advance_until([&] { return settled(world); }, std::chrono::minutes(3)));
        world.stop();
        world.check_settled();
        if (world.script.lost_answer() != "take") {
            CHECK(world.store.recorded.size() >= 12);
            CHECK_FALSE(world.store.rows.at(ticket_id(3)).taken);
        }
        if (world.script.calls() < number)
            break;
    }
}

TEST_CASE("send: every kind of call may fail for a long time", "[app][send]") {
    const auto policy = GENERATE(values(kPolicies));
    const std::string kind =
        GENERATE(as<std::string>{}, "receive", "take", "begin", "not_running", "record", "give_back");
    SendWorld world;
    world.script.fail_while([&](std::string_view name) { return name == kind; });
    set_up(world, policy);
    world.loop.advance(milliseconds(900));
    world.store.halted.insert(broadcast_id(3));
    world.loop.advance(seconds(20));
    world.script.stop_failing();
    REQUIRE(world.loop.advance_until([&] { return settled(world); }, std::chrono::minutes(3)));
    world.stop();
    world.check_settled();
}

TEST_CASE("send: results that cannot be written are bounded, kept and written later", "[app][send]") {
    SendWorld world;
    world.options.result_batch = 10;
    for (int i = 1; i <= 10; ++i)
        world.deliver(i, 1, 100);
    world.script.fail_while([](std::string_view name) { return name == "record"; });
    world.start(8);
    world.loop.advance(seconds(20));
    CHECK(world.provider.order.size() <= 40 + 8);
    CHECK(world.consumer.count(State::acknowledged) == 0);
    const int tries = world.script.count("record");
    CHECK(tries >= 10);
    CHECK(tries <= 40);
    for (const auto size : world.store.record_sizes)
        CHECK(size == world.store.record_sizes.front());
    world.script.stop_failing();
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.recorded.size() == 1000);
    world.stop();
    world.check_settled();
}

TEST_CASE("stop: what is on its way ends and is recorded, the rest is given back", "[app][send]") {
    const auto policy = GENERATE(values(kPolicies));
    SendWorld world;
    world.lane.retry.unknown_policy = policy;
    world.provider.latency = milliseconds(300);
    world.deliver(1, 1, 1000);
    world.deliver(2, 2, 2);
    world.start(5);
    world.loop.advance(milliseconds(1000));
    const std::size_t before = world.provider.order.size();
    world.stop();
    CHECK(world.provider.order.size() == before);
    world.check_settled();
    CHECK(world.store.recorded.size() == before);
    CHECK_FALSE(world.store.rows.at(ticket_id(1)).taken);
    CHECK(world.all_acknowledged());
    CHECK(world.consumer.stopped);
}

TEST_CASE("stop: at any moment it settles everything", "[app][send]") {
    const auto policy = GENERATE(values(kPolicies));
    for (int steps = 0; steps < 500; ++steps) {
        SendWorld world;
        set_up(world, policy);
        for (int i = 0; i < steps; ++i) {
            if (world.loop.io.poll_one() == 0)
                world.loop.clock.move_to(world.loop.clock.next_deadline());
        }
        INFO("stopped after " << steps << " steps");
        world.stop();
        world.check_settled();
        CHECK(world.consumer.count(State::waiting) + world.consumer.count(State::requeued) +
                  world.consumer.count(State::acknowledged) ==
              3);
        for (const auto& [id, row] : world.store.rows)
            CHECK_FALSE(row.taken);
    }
}

TEST_CASE("stop: a submission that hangs is given up in time to be recorded", "[app][send]") {
    SendWorld world;
    world.lane.submit_timeout = seconds(60);
    world.options.lease = seconds(200);
    world.provider.latency = seconds(100);
    world.deliver(1, 1, 3);
    world.start(2);
    world.loop.advance(milliseconds(100));
    const auto stopped_at = world.loop.clock.now();
    world.stop(seconds(10));
    CHECK(world.loop.clock.now() - stopped_at < seconds(10));
    CHECK(world.provider.given_up);
    world.check_settled();
    CHECK(world.store.recorded.size() == 2);
    CHECK(world.all_acknowledged());
}

TEST_CASE("stop: goes on trying until its deadline, and acknowledges nothing without a commit", "[app][send]") {
    const std::string kind = GENERATE(as<std::string>{}, "record", "give_back");
    SendWorld world;
    world.provider.latency = milliseconds(300);
    world.deliver(1, 1, 1000);
    world.start(5);
    world.loop.advance(milliseconds(1000));
    world.script.fail_while([&](std::string_view name) { return name == kind; });
    const auto stopped_at = world.loop.clock.now();

    SECTION("the store comes back in time") {
        world.sender->stop(world.loop.clock.in(seconds(20)));
        world.loop.advance(seconds(15));
        CHECK(world.loop.running() > 0);
        world.script.stop_failing();
        CHECK(world.loop.run_dry(seconds(5)));
        world.check_settled();
        CHECK(world.all_acknowledged());
    }
    SECTION("it does not") {
        world.sender->stop(world.loop.clock.in(seconds(20)));
        CHECK(world.loop.run_dry(seconds(20)));
        CHECK(world.loop.clock.now() == stopped_at + seconds(20));
        CHECK(world.consumer.count(State::acknowledged) == 0);
        CHECK(world.consumer.count(State::handed_out) == 1);
    }
}

TEST_CASE("stop: a delivery that was never taken goes back to the queue", "[app][send]") {
    SendWorld world;
    world.script.fail_while([](std::string_view name) { return name == "take"; });
    world.deliver(1, 1, 1);
    world.start(1);
    world.loop.advance(seconds(5));
    world.stop();
    CHECK(world.consumer.count(State::requeued) == 1);
    world.check_settled();
}

TEST_CASE("stop: submissions end by its deadline", "[app][send]") {
    SendWorld world;
    world.provider.latency = seconds(60);
    world.deliver(1, 1, 1000);
    world.start(5);
    world.loop.advance(milliseconds(100));
    const auto stopped_at = world.loop.clock.now();
    world.sender->stop(world.loop.clock.in(seconds(25)));
    CHECK(world.loop.run_dry(seconds(25)));
    CHECK(world.loop.clock.now() <= stopped_at + seconds(10));
    world.check_settled();
}

TEST_CASE("stop: legal before the loops began, and twice", "[app][send]") {
    SendWorld world;
    world.deliver(1, 1, 1);
    world.make();
    world.sender->stop(world.loop.clock.in(seconds(5)));
    world.sender->stop(world.loop.clock.in(seconds(10)));
    world.run_loops(2);
    CHECK(world.loop.run_dry(seconds(5)));
    CHECK(world.provider.order.empty());
    CHECK(world.consumer.count(State::waiting) == 1);
}
