#include "support/app_send_world.hpp"

using namespace smsbcast;
using namespace smsbcast::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("send: every message goes out once, is recorded, and then the ticket is acknowledged", "[app][send]") {
    SendWorld world;
    world.deliver(1, 1, 250);
    world.deliver(2, 2, 3);
    world.start(8);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.recorded.size() == 253);
    CHECK(world.store.rows.empty());
    CHECK(world.provider.most_in_flight == 8);
    const auto& result = world.store.recorded.begin()->second;
    CHECK(result.verdict.step == NextStep::sent);
    CHECK(result.provider_id == "id");
    CHECK(result.references.empty());
    world.stop();
    world.check_settled();
}

TEST_CASE("send: a lone message is recorded and acknowledged without a wait", "[app][send]") {
    SendWorld world;
    world.start(4);
    world.loop.settle();
    const auto begun = world.loop.clock.now();
    world.deliver(1, 1, 1);
    world.loop.settle();
    CHECK(world.all_acknowledged());
    CHECK(world.loop.clock.now() == begun);
    world.stop();
}

TEST_CASE("send: results travel together", "[app][send]") {
    SendWorld world;
    world.provider.latency = milliseconds(10);
    world.deliver(1, 1, 1000);
    world.deliver(2, 1, 1000);
    world.options.result_linger = milliseconds(1000);
    world.start(64);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.record_sizes.size() <= 8);
    CHECK(*std::max_element(world.store.record_sizes.begin(), world.store.record_sizes.end()) == 500);
    world.stop();
}

TEST_CASE("send: the first result waits for others only so long", "[app][send]") {
    SendWorld world;
    world.provider.latency = milliseconds(100);
    world.deliver(1, 1, 1);
    world.start(2);
    world.loop.advance(milliseconds(50));
    world.deliver(2, 1, 1);
    world.loop.advance(milliseconds(54));
    CHECK(world.store.recorded.empty());
    world.loop.advance(milliseconds(1));
    CHECK(world.store.recorded.size() == 1);
    world.stop();
}

TEST_CASE("send: what a provider's answers lead to", "[app][send]") {
    SendWorld world;
    const std::map<MessageId, SubmitOutcome> answers{
        {message_id(10000), Accepted{"theirs", false}},
        {message_id(10001), Rejected{"invalid_number", "no such number"}},
        {message_id(10002), NotSent{"connect_refused", "refused"}},
        {message_id(10003), Uncertain{"reset", "gone"}},
    };
    world.provider.outcome = [&](const MessageId& id) { return answers.at(id); };
    world.lane.retry.unknown_policy = UnknownPolicy::wait_then_fail;
    world.deliver(1, 1, 4);
    world.start(2);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    const auto& recorded = world.store.recorded;
    CHECK(recorded.at(message_id(10000)).verdict.step == NextStep::sent);
    CHECK(recorded.at(message_id(10000)).provider_id == "theirs");
    CHECK(recorded.at(message_id(10000)).references == std::vector<std::string>{"theirs"});
    CHECK(recorded.at(message_id(10001)).verdict.step == NextStep::failed);
    CHECK(recorded.at(message_id(10001)).ticket == TicketRef{ticket_id(1), 1});
    CHECK(recorded.at(message_id(10002)).verdict.step == NextStep::retry);
    CHECK(recorded.at(message_id(10003)).verdict.step == NextStep::unknown);
    world.stop();
    world.check_settled();
}

TEST_CASE("send: a small broadcast does not wait behind the tickets of a large one", "[app][send]") {
    SendWorld world;
    world.provider.latency = milliseconds(100);
    for (int i = 1; i <= 8; ++i)
        world.deliver(i, 1, 100);
    world.start(4);
    world.loop.advance(milliseconds(1050));
    world.deliver(9, 2, 1);
    world.loop.advance(milliseconds(150));
    CHECK(world.provider.submitted.contains(message_id(90000)));
    world.stop();
    world.check_settled();
}

TEST_CASE("send: a delivery whose ticket is not ours is acknowledged and forgotten", "[app][send]") {
    SendWorld world;
    world.early_acks = true;
    const TicketRef ref = world.store.put(1, 1, 2);
    world.consumer.deliver(TicketRef{ref.id, 5});
    world.consumer.deliver(TicketRef{ticket_id(9), 0});
    world.consumer.deliver(ref);
    world.consumer.deliver(ref);
    world.start(1);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.provider.order.size() == 2);
    world.stop();
    world.check_settled();
}

TEST_CASE("send: a redelivery while the ticket is in hand changes nothing", "[app][send]") {
    SendWorld world;
    world.provider.latency = milliseconds(100);
    world.early_acks = true;
    const TicketRef ref = world.deliver(1, 1, 5);
    world.start(1);
    world.loop.advance(milliseconds(150));
    world.consumer.deliver(ref);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.store.rows.empty());
    world.stop();
    world.check_settled();
}

TEST_CASE("send: what is delivered again while it is here is not taken again", "[app][send]") {
    SendWorld world;
    world.early_acks = true;
    world.provider.latency = milliseconds(100);
    const TicketRef ref = world.deliver(1, 1, 5);
    world.start(1);
    world.loop.advance(milliseconds(150));
    world.consumer.deliver(ref);
    REQUIRE(world.loop.advance_until([&] { return world.all_acknowledged(); }));
    CHECK(world.script.count("take") == 1);
    world.stop();
    world.check_settled();
}

namespace {
std::string g_log;
}

TEST_CASE("send: a failed message is logged with its ids and a masked number", "[app][send]") {
    SendWorld world;
    g_log.clear();
    smsbcast::log::set_sink([](std::string_view line) { g_log += line; });
    world.provider.outcome = [](const MessageId&) { return SubmitOutcome(Rejected{"invalid_number", "no"}); };
    world.deliver(1, 7, 1);
    world.start(1);
    world.loop.settle();
    world.stop();
    CHECK_THAT(g_log, Catch::Contains("\"event\":\"message_failed\""));
    CHECK_THAT(g_log, Catch::Contains(to_string(broadcast_id(7))));
    CHECK_THAT(g_log, Catch::Contains(to_string(message_id(10000))));
    CHECK_THAT(g_log, Catch::Contains("\"class\":\"rejected\",\"code\":\"invalid_number\""));
    CHECK_THAT(g_log, !Catch::Contains("812345"));
}

TEST_CASE("send: a lane whose provider hangs holds up no other lane", "[app][send]") {
    SendWorld world;
    world.provider.called = "slow";
    world.provider.latency = std::chrono::hours(1);
    FakeConsumer other_queue{world.script, world.loop.clock};
    FakeProvider other_provider{world.loop.io, world.loop.clock};
    other_provider.called = "quick";
    const app::LaneOptions other = SendWorld::default_lane();
    for (FakeProvider* provider : {&world.provider, &other_provider})
        CHECK(run(world.loop, provider->start(world.loop.clock.in(std::chrono::seconds(1)))));
    const std::vector<app::LaneSetup> lanes{{world.consumer, world.provider, world.lane},
                                            {other_queue, other_provider, other}};
    world.sender.emplace(lanes, world.store, world.loop.clock, world.options);
    CHECK(world.sender->lanes() == 2);
    CHECK(world.sender->name(1) == "quick");
    for (std::size_t lane = 0; lane < 2; ++lane)
        world.run_loops(2, lane);
    world.deliver(1, 1, 10);
    other_queue.deliver(world.store.put(2, 2, 10));
    REQUIRE(world.loop.advance_until([&] { return world.store.recorded.size() == 10; }));
    CHECK(other_provider.submitted.size() == 10);
    CHECK(other_queue.count(FakeConsumer::State::acknowledged) == 1);
    CHECK(world.sender->provider(0).in_flight > 0);
    CHECK(world.sender->provider(1).in_flight == 0);
    CHECK(world.sender->in_hand() == 1);
    world.stop();
}
