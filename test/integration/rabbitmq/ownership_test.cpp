#include "rabbit_fixture.hpp"

// Two installations that were given the same prefix, and what is parked.

namespace smsbcast::test::queue {

namespace {

/// A second installation on the queues of the first.
struct TwoFixture : RabbitFixture {
    std::unique_ptr<TicketConsumer> make_other_consumer(runtime::asio::io_context& shard) {
        auto theirs = params;
        theirs.installation = new_uuid();
        theirs.prefetch = 100;
        return adapters::rabbitmq::make_ticket_consumer(shard, theirs);
    }
};

Awaitable<std::unique_ptr<TicketConsumer>> connected_other(QueueShard& shard, TwoFixture& fixture) {
    auto consumer = fixture.make_other_consumer(shard.context);
    const std::function<bool()> is_connected = [&] { return consumer->connected(); };
    const bool came = co_await eventually(shard, is_connected);
    REQUIRE(came);
    co_return consumer;
}

Awaitable<> parked_becomes(QueueShard& shard, TicketPublisher& publisher, std::int64_t count) {
    const Deadline deadline = soon();
    Result<ParkedTickets> parked = Errc::timeout;
    while (!deadline.passed() && !(parked && parked->count == count)) {
        const Deadline next = Deadline::after(20ms);
        co_await runtime::sleep_until(shard.context, next);
        parked = co_await publisher.parked(deadline);
    }
    REQUIRE(parked.has_value());
    CHECK(parked->count == count);
}

void check_told(const RabbitFixture& fixture) {
    const auto lines = fixture.log.lines("tickets_of_another_installation");
    REQUIRE(lines.size() == 1); // the next one ten seconds later
    CHECK_THAT(lines[0], Catch::Contains("\"level\":\"warn\"") && Catch::Contains(fixture.send_queue()) &&
                             Catch::Contains("another installation uses the same AMQP_PREFIX") &&
                             Catch::Contains(to_string(fixture.params.installation)));
}

Awaitable<> passes_tickets_on_to_their_owner(QueueShard& shard, TwoFixture& fixture) {
    const auto other = co_await connected_other(shard, fixture);
    QueueSides sides = co_await connected_sides(shard, fixture, 200);
    const auto tickets = some_tickets(100);
    co_await publish_all(*sides.publisher, tickets);
    // Whom the broker asks next is up to it, so a few may have been parked.
    std::set<TicketRef> seen;
    std::size_t parked = 0;
    const Deadline deadline = soon();
    while (seen.size() + parked < tickets.size() && !deadline.passed()) {
        const Deadline shortly = Deadline::after(10ms);
        const auto some = co_await sides.consumer->receive(shortly);
        REQUIRE(some.has_value());
        for (const auto& delivery : *some)
            seen.insert(delivery.ticket);
        const auto aside = co_await sides.publisher->parked(deadline);
        REQUIRE(aside.has_value());
        parked = static_cast<std::size_t>(aside->count);
    }
    CHECK(seen.size() + parked == tickets.size());
    CHECK(parked < tickets.size() / 4);
    co_await expect_nothing(*other);
    check_told(fixture);
    co_await other->stop(deadline);
    co_await stop_both(sides);
}

Awaitable<> parks_what_no_owner_takes(QueueShard& shard, TwoFixture& fixture) {
    const auto other = co_await connected_other(shard, fixture);
    const auto publisher = co_await connected_publisher(shard, fixture);
    co_await publish_all(*publisher, some_tickets(3));
    co_await parked_becomes(shard, *publisher, 3);
    co_await expect_nothing(*other);
    check_told(fixture);
    for (const auto& body : Broker().take_all(fixture.parked_queue(), 3))
        CHECK_THAT(body, Catch::Contains(to_string(fixture.params.installation)));
    const Deadline deadline = soon();
    co_await other->stop(deadline);
    co_await publisher->stop(deadline);
}

Awaitable<> takes_bodies_that_name_nobody(QueueShard& shard, RabbitFixture& fixture) {
    const auto consumer = co_await connected_consumer(shard, fixture, 10);
    const TicketRef ticket{TicketId{new_uuid()}, 4};
    Broker().publish(fixture.params.queue_prefix, "send",
                     R"({"v":1,"ticket":")" + to_string(ticket.id) + R"(","attempt":4})");
    const auto deliveries = co_await receive_all(*consumer, 1);
    CHECK(deliveries[0].ticket == ticket);
    const Deadline deadline = soon();
    co_await consumer->stop(deadline);
}

Awaitable<> counts_what_is_parked(QueueShard& shard, RabbitFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    Broker broker;
    broker.publish(fixture.params.queue_prefix, "send", "hello");
    co_await parked_becomes(shard, *sides.publisher, 1);
    // Somebody has seen it; what comes next is kept all the same.
    broker.delete_queue(fixture.parked_queue());
    const Deadline deadline = soon();
    const auto parked = co_await sides.publisher->parked(deadline);
    REQUIRE(parked.has_value());
    CHECK(*parked == ParkedTickets{0, fixture.parked_queue()});
    broker.publish(fixture.params.queue_prefix, "send", "hello");
    co_await parked_becomes(shard, *sides.publisher, 1);
    CHECK(fixture.log.lines("amqp_disconnected").empty());
    co_await stop_both(sides);
}

void run_two(Awaitable<> (*body)(QueueShard&, TwoFixture&)) {
    TwoFixture fixture;
    run_queue_check([&](QueueShard& shard) { return body(shard, fixture); });
}

} // namespace

TEST_CASE("rabbitmq: tickets of another installation on the same queue reach their owner") {
    run_two(&passes_tickets_on_to_their_owner);
}

TEST_CASE("rabbitmq: tickets whose owner takes none are parked") {
    run_two(&parks_what_no_owner_takes);
}

TEST_CASE("rabbitmq: bodies that name no installation are taken for ours") {
    run_rabbit_check(&takes_bodies_that_name_nobody);
}

TEST_CASE("rabbitmq: what is parked is counted, and its queue made again") {
    run_rabbit_check(&counts_what_is_parked);
}

} // namespace smsbcast::test::queue
