// What only the broker itself can do to us. These act on the whole broker, so nothing else may use it meanwhile.
#include "rabbit_fixture.hpp"

// g++ 12 follows the allocation of a coroutine's frame into Asio, and takes it there for one of another kind.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace smsbcast::test::queue {

namespace {

Awaitable<bool> are_connected(QueueShard& shard, QueueSides& sides, bool connected) {
    const std::function<bool()> is_so = [&sides, connected] {
        return sides.publisher->state().has_value() == connected && sides.consumer->connected() == connected;
    };
    const bool so = co_await eventually(shard, is_so);
    co_return so;
}

Awaitable<> survives_a_restart(QueueShard& shard, RabbitFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 2);
    const auto tickets = some_tickets(6);
    co_await publish_all(*sides.publisher, tickets);
    const auto held = co_await receive_all(*sides.consumer, 2);
    sides.consumer->acknowledge({held[0].tag});
    co_await receive_all(*sides.consumer, 1); // so that the acknowledgement is known to have arrived
    rabbitmqctl("stop_app");
    const bool lost = co_await are_connected(shard, sides, false);
    CHECK(lost);
    const Deadline deadline = soon();
    const auto outcomes = co_await sides.publisher->publish(tickets, deadline);
    CHECK((outcomes.has_error() && outcomes.error() == Errc::unavailable));
    CHECK_FALSE(deadline.passed());
    rabbitmqctl("start_app");
    const bool back = co_await are_connected(shard, sides, true);
    CHECK(back);
    std::set<TicketRef> left(tickets.begin(), tickets.end());
    left.erase(held[0].ticket);
    const Deadline enough = soon();
    while (!left.empty() && !enough.passed()) {
        const auto some = co_await sides.consumer->receive(enough);
        REQUIRE(some.has_value());
        for (const auto& delivery : *some)
            left.erase(delivery.ticket);
        sides.consumer->acknowledge(tags_of(*some));
    }
    CHECK(left.empty());
    co_await publish_all(*sides.publisher, some_tickets(1));
    CHECK(fixture.log.lines("amqp_disconnected").size() == 2);
    CHECK(fixture.log.lines("amqp_unreachable").size() <= 6);
    co_await stop_both(sides);
}

Awaitable<> survives_the_closing_of_all_connections(QueueShard& shard, RabbitFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 5);
    const auto tickets = some_tickets(3);
    co_await publish_all(*sides.publisher, tickets);
    const auto held = co_await receive_all(*sides.consumer, 3);
    rabbitmqctl("close_all_connections maintenance");
    const std::function<bool()> are_back = [&] { return fixture.log.lines("amqp_connected").size() == 4; };
    const bool back = co_await eventually(shard, are_back);
    CHECK(back);
    const auto lost = fixture.log.lines("amqp_disconnected");
    REQUIRE(lost.size() == 2);
    CHECK_THAT(lost[0], Catch::Contains("maintenance"));
    const bool connected = co_await are_connected(shard, sides, true);
    CHECK(connected);
    const auto again = co_await receive_all(*sides.consumer, 3);
    CHECK(tickets_of(again) == tickets);
    sides.consumer->acknowledge(tags_of(again));
    co_await publish_all(*sides.publisher, some_tickets(1));
    co_await stop_both(sides);
}

/// The alarm that stops all publishing, and its end.
struct MemoryAlarm {
    MemoryAlarm() { rabbitmqctl("set_vm_memory_high_watermark 0"); }
    ~MemoryAlarm() { std::ignore = std::system(end().c_str()); }
    static std::string end() {
        return SMSBCAST_SOURCE_DIR "/scripts/servers rabbitmqctl " + required_environment("SMSBCAST_SERVERS_DIR") +
               " set_vm_memory_high_watermark absolute 2GB >/dev/null";
    }
};

Awaitable<> does_not_hang_in_an_alarm(QueueShard& shard, RabbitFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 5);
    const auto before = some_tickets(2);
    co_await publish_all(*sides.publisher, before);
    const Deadline deadline = soon();
    {
        const MemoryAlarm alarm;
        const auto begin = Deadline::Clock::now();
        const Deadline shortly = Deadline::after(500ms);
        const auto many = some_tickets(5000);
        const auto outcomes = co_await sides.publisher->publish(many, shortly);
        CHECK(since(begin) < kPatience);
        if (outcomes.has_value())
            CHECK(std::ranges::count(*outcomes, PublishOutcome::confirmed) < 5000);
        const std::function<bool()> is_blocked = [&] {
            const auto state = sides.publisher->state();
            return state.has_error() && state.error() == Errc::blocked;
        };
        const bool blocked = co_await eventually(shard, is_blocked);
        CHECK(blocked);
        const auto refused = co_await sides.publisher->publish(before, deadline);
        CHECK((refused.has_error() && refused.error() == Errc::blocked));
        CHECK_FALSE(deadline.passed());
        CHECK(fixture.log.lines("amqp_blocked").size() == 1);
        // Consuming goes on, which is what makes room again.
        const auto held = co_await receive_all(*sides.consumer, 2);
        sides.consumer->acknowledge(tags_of(held));
        // Another one, blocked too, can be stopped.
        const auto other = co_await connected_publisher(shard, fixture);
        const Deadline end = Deadline::after(500ms);
        const auto last = some_tickets(1);
        co_await other->publish(last, end);
        const Deadline stopped_by = soon();
        co_await other->stop(stopped_by);
        CHECK_FALSE(stopped_by.passed());
    }
    const bool free = co_await are_connected(shard, sides, true);
    CHECK(free);
    const auto after = some_tickets(3);
    co_await publish_all(*sides.publisher, after);
    co_await stop_both(sides);
}

} // namespace

TEST_CASE("rabbitmq: a restart of the broker costs no ticket") {
    run_rabbit_check(&survives_a_restart);
}

TEST_CASE("rabbitmq: both sides come back when the broker closes all connections") {
    run_rabbit_check(&survives_the_closing_of_all_connections);
}

TEST_CASE("rabbitmq: an alarm blocks no call beyond its deadline") {
    run_rabbit_check(&does_not_hang_in_an_alarm);
}

} // namespace smsbcast::test::queue
