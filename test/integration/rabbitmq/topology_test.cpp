#include "rabbit_fixture.hpp"

#include "adapters/rabbitmq/ticket_body.hpp"

namespace smsbcast::test::queue {

namespace {

Awaitable<> restores_a_deleted_queue(QueueShard& shard, RabbitFixture& fixture) {
    const auto publisher = co_await connected_publisher(shard, fixture);
    Broker broker;
    broker.delete_queue(fixture.send_queue());
    const Deadline deadline = soon();
    const auto lost = some_tickets(3);
    const auto outcomes = co_await publisher->publish(lost, deadline);
    REQUIRE(outcomes.has_value());
    CHECK(*outcomes == std::vector<PublishOutcome>(3, PublishOutcome::refused));
    // On the same connection, which declares it again.
    co_await publish_all(*publisher, some_tickets(2));
    CHECK(fixture.log.lines("amqp_connected").size() == 1);
    CHECK(fixture.log.lines("amqp_publish_refused").size() == 1);
    CHECK(broker.take_all(fixture.send_queue(), 2).size() == 2);
    co_await publisher->stop(deadline);
}

Awaitable<> consumes_again_after_its_queue_was_deleted(QueueShard& shard, RabbitFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 5);
    Broker().delete_queue(fixture.send_queue());
    const std::function<bool()> is_back = [&] { return fixture.log.lines("amqp_connected").size() == 3; };
    const bool back = co_await eventually(shard, is_back);
    REQUIRE(back);
    CHECK_THAT(fixture.log.lines("amqp_disconnected").at(0), Catch::Contains("canceled the consumer"));
    const auto tickets = some_tickets(2);
    co_await publish_all(*sides.publisher, tickets);
    const auto deliveries = co_await receive_all(*sides.consumer, 2);
    CHECK(tickets_of(deliveries) == tickets);
    co_await stop_both(sides);
}

Awaitable<> parks_what_it_cannot_read(QueueShard& shard, RabbitFixture& fixture) {
    const auto consumer = co_await connected_consumer(shard, fixture, 3);
    const auto good = some_tickets(1);
    const std::vector<std::string> garbage{
        "", "hello", R"({"v":2,"ticket":"x","attempt":1})", std::string(200000, 'x'), "{}", std::string(5000, '{')};
    Broker broker;
    for (const auto& body : garbage)
        broker.publish(fixture.params.queue_prefix, "send", body);
    broker.publish(fixture.params.queue_prefix, "send",
                   adapters::rabbitmq::write_ticket_body(good[0], fixture.params.installation));
    const auto deliveries = co_await receive_all(*consumer, 1);
    CHECK(deliveries[0].ticket == good[0]);
    co_await expect_nothing(*consumer);
    const auto parked = broker.take_all(fixture.parked_queue(), garbage.size() - 1); // take() shows no empty body
    for (const auto& body : parked)
        CHECK(std::ranges::count(garbage, body) == 1);
    const auto warned = fixture.log.lines("ticket_unreadable");
    REQUIRE(!warned.empty());
    CHECK(warned.size() <= 3);
    const Deadline deadline = soon();
    co_await consumer->stop(deadline);
}

Awaitable<> says_once_that_a_queue_has_other_properties(QueueShard& shard, RabbitFixture& fixture) {
    auto consumer = fixture.make_consumer(shard.context, 1);
    const Deadline deadline = soon();
    const std::function<bool()> is_told = [&] { return !fixture.log.lines("amqp_unreachable").empty(); };
    const bool told = co_await eventually(shard, is_told);
    REQUIRE(told);
    const auto line = fixture.log.lines("amqp_unreachable").at(0);
    CHECK_THAT(line, Catch::Contains("PRECONDITION_FAILED") && Catch::Contains("inequivalent arg"));
    const auto none = co_await consumer->receive(deadline);
    CHECK((none.has_error() && none.error() == Errc::unavailable));
    CHECK(fixture.log.lines("amqp_unreachable").size() == 1);
    co_await consumer->stop(deadline);
}

} // namespace

TEST_CASE("rabbitmq: what no queue takes is refused, and the queue declared again") {
    run_rabbit_check(&restores_a_deleted_queue);
}

TEST_CASE("rabbitmq: a consumer survives the deletion of its queue") {
    run_rabbit_check(&consumes_again_after_its_queue_was_deleted);
}

TEST_CASE("rabbitmq: unreadable bodies are parked and not seen") {
    run_rabbit_check(&parks_what_it_cannot_read);
}

TEST_CASE("rabbitmq: a queue with other properties is an error that is told once") {
    RabbitFixture fixture;
    Broker().declare_classic_queue(fixture.send_queue());
    run_queue_check([&](QueueShard& shard) { return says_once_that_a_queue_has_other_properties(shard, fixture); });
}

} // namespace smsbcast::test::queue
