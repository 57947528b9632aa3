#include "support/app_send_world.hpp"

// What SendMessages does when the provider refuses: a message, or everything.

using namespace smsbcast;
using namespace smsbcast::test;
using app::Circuit;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A worker, and a relay that puts what is given back into the queue again.
struct Refusals : SendWorld {
    std::set<MessageId> refused;
    SubmitOutcome refusal = Disputed{"http_403", "Recipient has opted out"};
    bool refuses_all = false;

    Refusals() {
        early_acks = true; // of what the relay delivers twice
        provider.latency = milliseconds(10);
        provider.outcome = [this](const MessageId& id) {
            return refuses_all || refused.contains(id) ? refusal : SubmitOutcome(Accepted{"id", true});
        };
    }

    Circuit circuit() const { return sender->provider(0).circuit; }

    void relay() {
        for (const auto& [id, row] : store.rows)
            if (!row.taken && relayed.insert(row.ref).second)
                consumer.deliver(row.ref);
    }

    /// Goes on, relaying, until `done` says so.
    template <class Done>
    bool relay_until(Done done) {
        for (int i = 0; i < 40'000 && !done(); ++i) { // half an hour: probes are few
            relay();
            loop.advance(milliseconds(50));
        }
        return done();
    }

    int recorded(NextStep step) const {
        int count = 0;
        for (const auto& [id, result] : store.recorded)
            count += result.verdict.step == step ? 1 : 0;
        return count;
    }

    std::set<TicketRef> relayed;
};

} // namespace

TEST_CASE("refusals: one message that is refused holds up no other", "[app][send][refusals]") {
    Refusals world;
    const auto policy = GENERATE(UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail);
    world.lane.retry.unknown_policy = policy;
    world.refused = {message_id(10000)};
    for (int i = 1; i <= 5; ++i)
        world.deliver(i, i % 2, 100);
    world.start(16);
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() == 500; }, seconds(5)));
    const auto& verdict = world.store.recorded.at(message_id(10000)).verdict;
    CHECK(verdict.step == NextStep::retry);
    CHECK(verdict.attempts == 1);
    CHECK(verdict.error == MessageError{"http_403", "rejected", "Recipient has opted out"});
    CHECK(world.recorded(NextStep::sent) == 499);
    CHECK(world.circuit() == Circuit::closed);
    world.stop();
    CHECK(world.all_acknowledged());
}

TEST_CASE("refusals: the second one is final when another message was accepted between", "[app][send][refusals]") {
    Refusals world;
    for (int i = 0; i < 60; ++i)
        world.refused.insert(message_id(20000 + i));
    world.deliver(1, 1, 1);
    world.start(4);
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() == 1; }, milliseconds(100)));
    const auto ref = world.store.put(2, 1, 60);
    for (auto& message : world.store.rows.at(ref.id).open)
        message.refused_before = true;
    world.consumer.deliver(ref);
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() == 61; }, seconds(1)));
    CHECK(world.circuit() == Circuit::closed);
    const auto& verdict = world.store.recorded.at(message_id(20000)).verdict;
    CHECK(verdict.step == NextStep::failed);
    CHECK(verdict.error == MessageError{"http_403", "rejected", "Recipient has opted out"});
    world.stop();
}

TEST_CASE("refusals: a message that is refused alone loses an attempt", "[app][send][refusals]") {
    Refusals world;
    world.refused = {message_id(10000)};
    world.deliver(1, 1, 1);
    world.start(4);
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() == 1; }, seconds(3)));
    const auto& verdict = world.store.recorded.begin()->second.verdict;
    CHECK(verdict.step == NextStep::retry);
    CHECK(verdict.attempts == 1);
    CHECK(verdict.error->error_class == "disputed");
    CHECK(world.circuit() == Circuit::closed);
    world.stop();
}

TEST_CASE("refusals: what every message meets holds the lane, costs nothing, and ends by itself",
          "[app][send][refusals]") {
    Refusals world;
    const auto policy = GENERATE(UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail);
    const SubmitOutcome refusal = GENERATE(as<SubmitOutcome>(), Disputed{"http_404", "no such path"},
                                           Refused{"http_402", "no credit"}, Refused{"http_302", "moved"});
    const int count = GENERATE(3, 500);
    world.lane.retry.unknown_policy = policy;
    world.lane.retry.max_attempts = 1;
    world.refusal = refusal;
    world.refuses_all = true;
    for (int i = 0; i < count; i += 100)
        world.deliver(1 + i / 100, 1, std::min(100, count));
    world.start(16);
    REQUIRE(world.relay_until([&] { return world.circuit() == Circuit::open; }));
    const auto view = world.sender->provider(0);
    REQUIRE(view.trouble);
    CHECK(view.trouble->refused);
    CHECK(view.trouble->code != "");
    CHECK(view.trouble->message != "");
    CHECK(view.since);
    world.provider.most_in_flight = 0;
    for (int i = 0; i < 400; ++i) { // 20 s
        world.relay();
        world.loop.advance(milliseconds(50));
    }
    CHECK(world.provider.most_in_flight <= 1);
    for (const auto& [id, result] : world.store.recorded) {
        CHECK(result.verdict.step == NextStep::retry);
        CHECK(result.verdict.attempts == 0);
        const bool said = std::holds_alternative<Refused>(refusal);
        CHECK((result.verdict.error->error_class == "refused" || !said));
    }
    world.refuses_all = false;
    if (world.store.rows.empty()) // each of them is in a ticket that the fake forgot
        world.deliver(50, 1, 100);
    REQUIRE(world.relay_until([&] { return world.circuit() == Circuit::closed; }));
    CHECK_FALSE(world.sender->provider(0).trouble);
    REQUIRE(world.relay_until([&] { return world.store.rows.empty(); }));
    CHECK(world.recorded(NextStep::failed) == 0);
    world.stop();
}

TEST_CASE("refusals: a block of refused messages lets the others through", "[app][send][refusals]") {
    Refusals world;
    const int block = GENERATE(20, 150, 280);
    for (int i = 0; i < block; ++i)
        world.refused.insert(message_id(10000 * (1 + i / 100) + i % 100));
    for (int i = 1; i <= 3; ++i)
        world.deliver(i, 1, 100);
    world.start(16);
    REQUIRE(world.relay_until([&] { return world.recorded(NextStep::sent) == 300 - block; }));
    CHECK(world.recorded(NextStep::failed) == 0);
    world.stop();
}

TEST_CASE("refusals: a stop leaves nothing kept back", "[app][send][refusals]") {
    Refusals world;
    world.refuses_all = true;
    world.deliver(1, 1, 2);
    world.start(4);
    world.loop.advance(milliseconds(100));
    CHECK(world.store.recorded.empty());
    world.stop();
    CHECK(world.store.recorded.size() == 2);
    world.check_settled();
}

TEST_CASE("refusals: throttled messages hold up no other", "[app][send][refusals]") {
    Refusals world;
    world.refusal = Throttled{seconds(3600), "http_429", "slow down"};
    for (int i = 0; i < 5; ++i)
        world.refused.insert(message_id(10000 + 7 * i));
    for (int i = 1; i <= 5; ++i)
        world.deliver(i, i % 2, 100);
    world.start(16);
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() == 500; }, seconds(5)));
    CHECK(world.recorded(NextStep::sent) == 495);
    CHECK_FALSE(world.sender->provider(0).limit_per_s);
    world.stop();
}
