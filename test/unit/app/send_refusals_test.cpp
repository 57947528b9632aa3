#include "support/app_send_world.hpp"

// Results that the store refuses for what they hold.

using namespace smsbcast;
using namespace smsbcast::test;
using State = FakeConsumer::State;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

bool is_of(const MessageResult& result, int number) {
    return result.message == message_id(number);
}

} // namespace

TEST_CASE("send: a result that is refused does not take its neighbours down", "[app][send]") {
    SendWorld world;
    world.early_acks = true; // what was given up is left to its lease
    world.deliver(1, 1, 100);
    world.deliver(2, 2, 100);
    bool always = false;
    SECTION("with less in it, it is recorded") {}
    SECTION("or it is left to its lease") {
        always = true;
    }
    world.provider.outcome = [](const MessageId&) { return Accepted{"p-\xC3\xA4", false}; };
    world.store.refuses = [&](const MessageResult& result) {
        return is_of(result, 10042) && (always || result.provider_id || !result.references.empty());
    };
    world.start(8);
    world.loop.advance(seconds(2));
    CHECK(world.store.recorded.size() == (always ? 199u : 200u));
    CHECK(world.store.recorded.contains(message_id(10042)) == !always);
    CHECK(world.all_acknowledged());
    CHECK(world.sender->recording().put_aside == 1);
    CHECK_FALSE(world.sender->recording().stalled);
    world.stop();
}

TEST_CASE("send: of many results that are refused none is tried for ever", "[app][send]") {
    SendWorld world;
    world.early_acks = true;
    world.deliver(1, 1, 100);
    world.store.refuses = [](const MessageResult&) { return true; };
    world.start(8);
    world.loop.advance(seconds(5));
    CHECK(world.all_acknowledged());
    CHECK(world.store.recorded.empty());
    CHECK(world.sender->recording().put_aside == 100);
    world.stop();
}

TEST_CASE("send: that nothing could be recorded for ten seconds is told, and that it can be again", "[app][send]") {
    SendWorld world;
    world.deliver(1, 1, 100);
    world.script.fail_while([](std::string_view name) { return name == "record"; }, Errc::internal);
    world.start(8);
    world.loop.advance(seconds(9));
    CHECK_FALSE(world.sender->recording().stalled);
    world.loop.advance(seconds(3));
    CHECK(world.sender->recording().stalled);
    world.script.stop_failing();
    world.loop.advance(seconds(5));
    CHECK_FALSE(world.sender->recording().stalled);
    CHECK(world.store.recorded.size() == 100);
    CHECK(world.sender->recording().put_aside == 0);
    world.stop();
    world.check_settled();
}

TEST_CASE("send: a ticket that cannot be given back does not keep the others", "[app][send]") {
    SendWorld world;
    world.early_acks = true;
    for (int ticket = 1; ticket <= 5; ++ticket)
        world.deliver(ticket, 1, 1000);
    world.provider.latency = seconds(1);
    world.store.never_given_back = {TicketRef{ticket_id(3), 1}};
    world.start(4);
    world.loop.advance(milliseconds(500));
    world.store.halted.insert(broadcast_id(1));
    world.loop.advance(seconds(10));
    CHECK(world.all_acknowledged());
    CHECK(world.store.given_back.size() == 4);
    world.stop();
}
