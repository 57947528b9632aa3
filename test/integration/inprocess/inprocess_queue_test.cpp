#include "contract/message_queue_suite.hpp"
#include "smsbcast/adapters/inprocess/inprocess.hpp"

#include <thread>

namespace smsbcast::test::queue {

namespace {

class InprocessFixture final : public QueueFixture {
public:
    explicit InprocessFixture(std::size_t capacity = 20'000)
        : queue_(adapters::inprocess::make_ticket_queue(capacity)) {}

    std::unique_ptr<TicketPublisher> make_publisher(runtime::asio::io_context& shard) override {
        return adapters::inprocess::make_ticket_publisher(shard, queue_);
    }

    std::unique_ptr<TicketConsumer> make_consumer(runtime::asio::io_context& shard, int prefetch) override {
        return adapters::inprocess::make_ticket_consumer(shard, queue_, static_cast<std::size_t>(prefetch));
    }

private:
    std::shared_ptr<adapters::inprocess::TicketQueue> queue_;
};

Awaitable<> refuses_what_has_no_room(QueueShard& shard) {
    InprocessFixture fixture(3);
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    const auto tickets = some_tickets(5);
    const Deadline deadline = soon();
    const auto outcomes = co_await sides.publisher->publish(tickets, deadline);
    REQUIRE(outcomes.has_value());
    using enum PublishOutcome;
    CHECK(*outcomes == std::vector<PublishOutcome>{confirmed, confirmed, confirmed, refused, refused});
    const auto held = co_await receive_all(*sides.consumer, 3);
    // What was accepted once finds its place again, although others have come meanwhile.
    co_await publish_all(*sides.publisher, some_tickets(3));
    sides.consumer->requeue(tags_of(held));
    const auto again = co_await receive_all(*sides.consumer, 6);
    CHECK(again[0].ticket == held[0].ticket);
    CHECK(again[2].ticket == held[2].ticket);
    co_await stop_both(sides);
}

Awaitable<> destroyed_without_a_stop(QueueShard& shard) {
    InprocessFixture fixture;
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    co_await publish_all(*sides.publisher, some_tickets(4));
    const auto held = co_await receive_all(*sides.consumer, 4);
    sides.consumer.reset();
    sides.consumer = fixture.make_consumer(shard.context, 10);
    const auto again = co_await receive_all(*sides.consumer, 4);
    CHECK(tickets_of(again) == tickets_of(held));
    co_await stop_both(sides);
}

// Publishes from a thread of its own, as the relay of `all` does.
Awaitable<> across_threads(QueueShard& shard) {
    constexpr int kRounds = 200, kTickets = 20;
    InprocessFixture fixture;
    const auto consumer = fixture.make_consumer(shard.context, 7);
    std::thread relay([&fixture] {
        const std::function<Awaitable<>(QueueShard&)> body = [&](QueueShard& other) -> Awaitable<> {
            const auto publisher = fixture.make_publisher(other.context);
            for (int round = 0; round < kRounds; ++round)
                co_await publish_all(*publisher, some_tickets(kTickets));
        };
        run_queue_check(body);
    });
    std::set<TicketRef> seen;
    while (seen.size() < std::size_t{kRounds} * kTickets) {
        const Deadline deadline = soon();
        const auto some = co_await consumer->receive(deadline);
        if (!some || some->empty())
            break;
        for (const auto& delivery : *some)
            seen.insert(delivery.ticket);
        consumer->acknowledge(tags_of(*some));
    }
    relay.join();
    CHECK(seen.size() == std::size_t{kRounds} * kTickets);
    const Deadline deadline = soon();
    co_await consumer->stop(deadline);
}

} // namespace

TEST_CASE("the in-process queue keeps the contract of the message queue") {
    exercise_message_queue([] { return std::make_unique<InprocessFixture>(); });
}

TEST_CASE("inprocess: what has no room is refused") {
    run_queue_check(&refuses_what_has_no_room);
}

TEST_CASE("inprocess: a consumer that is destroyed gives back what it held") {
    run_queue_check(&destroyed_without_a_stop);
}

TEST_CASE("inprocess: the sides live on threads of their own") {
    run_queue_check(&across_threads);
}

} // namespace smsbcast::test::queue
