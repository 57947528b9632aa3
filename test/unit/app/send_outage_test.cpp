#include "support/app_send_world.hpp"

// What SendMessages does while its provider is away or throttles.

using namespace smsbcast;
using namespace smsbcast::test;
using app::Circuit;
using State = FakeConsumer::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A worker whose provider can be away, and a relay that puts what is given back into the queue again.
struct Outage : SendWorld {
    bool away = false;
    SubmitOutcome failure = NotSent{"connect_refused", "refused"};

    Outage() {
        early_acks = true; // of what the relay delivers twice
        provider.latency = milliseconds(10);
        provider.outcome = [this](const MessageId&) { return away ? failure : SubmitOutcome(Accepted{"id", true}); };
    }

    Circuit circuit() const { return sender->provider(0).circuit; }

    bool reach(Circuit wanted) {
        return loop.advance_until([&] { return circuit() == wanted; }, std::chrono::minutes(2));
    }

    void relay() {
        for (const auto& [id, row] : store.rows)
            if (!row.taken && relayed.insert(row.ref).second)
                consumer.deliver(row.ref);
    }

    std::set<TicketRef> relayed;
};

int most_attempts(const Outage& world) {
    int most = 0;
    for (const auto& [id, result] : world.store.recorded)
        most = std::max(most, result.verdict.attempts);
    return most;
}

} // namespace

TEST_CASE("outage: nothing is taken, and what is in hand is given back", "[app][send][outage]") {
    const auto policy = GENERATE(UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail);
    Outage world;
    world.lane.retry.unknown_policy = policy;
    world.away = true;
    for (int i = 1; i <= 5; ++i)
        world.deliver(i, i % 2, 100);
    world.start(16);
    REQUIRE(world.reach(Circuit::open));
    const auto opened = world.loop.clock.now();
    CHECK(world.sender->provider(0).since == opened);
    world.loop.advance(milliseconds(100));
    CHECK(world.sender->in_hand() == 0);
    CHECK(world.all_acknowledged());
    const auto submitted = world.provider.order.size();
    CHECK(submitted <= 50 + 16);
    CHECK(world.store.recorded.size() == submitted);
    const int received = world.script.count("receive");
    for (int i = 11; i <= 20; ++i)
        world.deliver(i, 1, 100);
    world.loop.advance(milliseconds(350));
    CHECK(world.script.count("receive") <= received + 1);
    CHECK(world.provider.order.size() == submitted);
    for (const auto& [id, row] : world.store.rows)
        CHECK_FALSE(row.taken);
    world.stop();
    world.check_settled();
}

TEST_CASE("outage: one probe at a time, and normal speed when one is answered", "[app][send][outage]") {
    Outage world;
    world.away = true;
    for (int i = 1; i <= 40; ++i)
        world.deliver(i, 1, 100);
    world.start(16);
    REQUIRE(world.reach(Circuit::open));
    world.loop.advance(milliseconds(100));
    const auto before = world.provider.order.size();
    const auto since = world.sender->provider(0).since;
    world.provider.most_in_flight = 0;
    for (std::size_t probes = 1; probes <= 8; ++probes) {
        world.relay();
        REQUIRE(world.reach(Circuit::half_open));
        REQUIRE(world.reach(Circuit::open));
        world.loop.advance(milliseconds(100));
        CHECK(world.provider.order.size() == before + probes);
        CHECK(world.sender->in_hand() == 0);
    }
    CHECK(world.provider.most_in_flight == 1);
    CHECK(world.sender->provider(0).since == since);
    CHECK(most_attempts(world) <= 1);

    world.away = false;
    world.relay();
    REQUIRE(world.reach(Circuit::closed));
    world.relay();
    const auto closed = world.loop.clock.now();
    REQUIRE(world.loop.advance_until([&] { return world.store.rows.empty(); }, std::chrono::minutes(2)));
    CHECK(world.loop.clock.now() - closed < seconds(4));
    CHECK(world.provider.most_in_flight == 16);
    world.stop();
    CHECK(world.all_acknowledged());
}

TEST_CASE("outage: what was certainly not taken costs one attempt at most", "[app][send][outage]") {
    Outage world;
    world.lane.retry.max_attempts = 2;
    world.away = true;
    for (int i = 1; i <= 200; ++i)
        world.deliver(i, 1, 1);
    world.start(16);
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() >= 55; }));
    int spent = 0;
    for (const auto& [id, result] : world.store.recorded) {
        CHECK(result.verdict.step == NextStep::retry);
        CHECK(result.verdict.key_generation == 1);
        spent += result.verdict.attempts;
    }
    CHECK(spent == 1);
    world.stop();
}

TEST_CASE("outage: a circuit that never opens lets attempts be used up", "[app][send][outage]") {
    Outage world;
    world.lane.breaker.failures = 0;
    world.lane.retry.max_attempts = 1;
    world.away = true;
    world.deliver(1, 1, 500);
    world.start(16);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.recorded.size() == 500);
    for (const auto& [id, result] : world.store.recorded)
        CHECK(result.verdict.step == NextStep::failed);
    CHECK(world.circuit() == Circuit::closed);
    world.stop();
}

TEST_CASE("outage: a stop while the circuit is open ends at once", "[app][send][outage]") {
    Outage world;
    world.away = true;
    world.deliver(1, 1, 200);
    world.start(4);
    REQUIRE(world.reach(Circuit::open));
    SECTION("with results to record") {}
    SECTION("with nothing in hand") {
        world.loop.advance(milliseconds(50));
    }
    SECTION("after many probes") {
        for (int i = 0; i < 8; ++i) {
            world.loop.advance(milliseconds(50));
            world.relay();
            REQUIRE(world.reach(Circuit::half_open));
            REQUIRE(world.reach(Circuit::open));
        }
    }
    const auto stopped = world.loop.clock.now();
    world.stop();
    CHECK(world.loop.clock.now() - stopped <= milliseconds(500));
    world.check_settled();
    for (const auto& [id, row] : world.store.rows)
        CHECK_FALSE(row.taken);
}

TEST_CASE("outage: a probe that never began does not stand in the way of the next", "[app][send][outage]") {
    Outage world;
    world.away = true;
    world.deliver(1, 1, 100);
    world.start(4);
    REQUIRE(world.reach(Circuit::open));
    world.loop.advance(milliseconds(100));
    world.failure = NotSent{"too_late", "held back", false};
    world.relay();
    REQUIRE(world.reach(Circuit::half_open));
    const auto before = world.provider.order.size();
    world.loop.advance(milliseconds(100));
    CHECK(world.circuit() == Circuit::half_open);
    CHECK(world.provider.order.size() > before + 1);
    world.away = false;
    REQUIRE(world.reach(Circuit::closed));
    world.stop();
}

TEST_CASE("outage: a provider whose acceptances break off is there", "[app][send][outage]") {
    const bool taken = GENERATE(true, false);
    Outage world;
    world.lane.retry.unknown_policy = UnknownPolicy::wait_then_fail;
    world.away = true;
    world.failure = Uncertain{"too_large", "", taken};
    for (int i = 1; i <= 3; ++i)
        world.deliver(i, 1, 100);
    world.start(16);
    world.loop.advance(std::chrono::seconds(3));
    CHECK((world.circuit() == Circuit::closed) == taken);
    CHECK((world.store.recorded.size() == 300) == taken);
    world.stop();
    world.check_settled();
}

TEST_CASE("outage: a provider that throttles is there", "[app][send][outage]") {
    Outage world;
    world.away = true;
    world.deliver(1, 1, 100);
    world.start(4);
    REQUIRE(world.reach(Circuit::open));
    world.loop.advance(milliseconds(100));
    world.failure = Throttled{seconds(2), "http_429", ""};
    world.relay();
    REQUIRE(world.reach(Circuit::closed));
    world.away = false;
    REQUIRE(world.loop.advance_until([&] { return world.store.rows.empty(); }));
    world.stop();
}

TEST_CASE("outage: submit loops wake for what may go out, not all of them for each message", "[app][send][outage]") {
    Outage world;
    const auto began = world.loop.clock.now();
    double taken = 0; // by a provider that takes 300 a second
    world.provider.outcome = [&](const MessageId&) -> SubmitOutcome {
        const std::chrono::duration<double> time = world.loop.clock.now() - began;
        if (taken >= 300 * time.count() + 20)
            return Throttled{seconds(1), "http_429", ""};
        ++taken;
        return Accepted{"id", true};
    };
    for (int i = 1; i <= 60; ++i)
        world.deliver(i, 1, 100);
    world.start(64);
    world.loop.advance(seconds(10));
    const double limit = world.sender->provider(0).limit_per_s.value();
    CHECK(limit == Approx(300).epsilon(0.1));
    const auto before = world.provider.order.size();
    world.loop.advance(seconds(1));
    const auto sent = static_cast<double>(world.provider.order.size() - before);
    CHECK(sent == Approx(limit).epsilon(0.1));
    world.stop();
}
