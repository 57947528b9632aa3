#include "gate_fixture.hpp"

#include "adapters/rabbitmq/connection.hpp"

namespace smsbcast::test::queue {

namespace {

void run_gate_check(Awaitable<> (*body)(QueueShard&, GateFixture&)) {
    GateFixture fixture;
    try {
        run_queue_check([&](QueueShard& shard) { return body(shard, fixture); });
    } catch (...) {
        UNSCOPED_INFO(fixture.log.text());
        throw;
    }
}

bool is_connected(const TicketPublisher& publisher) {
    return publisher.state().has_value();
}

bool is_connected(const TicketConsumer& consumer) {
    return consumer.connected();
}

template <class Side>
Awaitable<> expect_connected(QueueShard& shard, Side& side, bool connected) {
    const std::function<bool()> is_so = [&side, connected] { return is_connected(side) == connected; };
    const bool so = co_await eventually(shard, is_so);
    REQUIRE(so);
}

Awaitable<> connects_when_the_broker_appears(QueueShard& shard, GateFixture& fixture) {
    fixture.gate.shut(true);
    const auto publisher = fixture.make_publisher(shard.context);
    const auto consumer = fixture.make_consumer(shard.context, 1);
    const Deadline deadline = soon();
    const auto tickets = some_tickets(1);
    const auto outcomes = co_await publisher->publish(tickets, deadline);
    CHECK((outcomes.has_error() && outcomes.error() == Errc::unavailable));
    const auto begin = Deadline::Clock::now();
    const auto deliveries = co_await consumer->receive(deadline);
    CHECK((deliveries.has_error() && deliveries.error() == Errc::unavailable));
    CHECK(since(begin) >= 100ms);
    CHECK_FALSE(deadline.passed());
    // Many attempts, but one line for each of the two and each way in which a socket can be closed.
    CHECK(fixture.log.lines("amqp_unreachable").size() >= 2);
    CHECK(fixture.log.lines("amqp_unreachable").size() <= 4);
    fixture.gate.shut(false);
    co_await expect_connected(shard, *publisher, true);
    co_await expect_connected(shard, *consumer, true);
    co_await publish_all(*publisher, tickets);
    const auto received = co_await receive_all(*consumer, 1);
    CHECK(received[0].ticket == tickets[0]);
    co_await publisher->stop(deadline);
    co_await consumer->stop(deadline);
}

/// What publish() returns in the background of a check.
struct Background {
    TicketPublisher& publisher;
    std::vector<TicketRef> tickets;
    std::optional<Result<std::vector<PublishOutcome>>> outcomes;
    bool begun = false;
};

Awaitable<> publish_in_background(Background& work) {
    const Deadline deadline = soon();
    work.begun = true;
    work.outcomes = co_await work.publisher.publish(work.tickets, deadline);
}

Awaitable<> leaves_unsettled_what_a_lost_connection_owes(QueueShard& shard, GateFixture& fixture) {
    const auto publisher = co_await connected_publisher(shard, fixture);
    fixture.gate.hold_to_client(true);
    Background work{*publisher, some_tickets(5), {}, false};
    shard.tasks.spawn("publish", [&work] { return publish_in_background(work); });
    const Deadline shortly = Deadline::after(100ms);
    co_await runtime::sleep_until(shard.context, shortly);         // lets the other task begin
    CHECK(Broker().take_all(fixture.send_queue(), 5).size() == 5); // they are there, and we cannot know it
    fixture.gate.shut(true);
    const std::function<bool()> is_done = [&work] { return work.outcomes.has_value(); };
    const bool done = co_await eventually(shard, is_done);
    REQUIRE(done);
    REQUIRE(work.outcomes->has_value());
    CHECK(work.outcomes->value() == std::vector<PublishOutcome>(5, PublishOutcome::unsettled));
    CHECK_FALSE(publisher->state().has_value());
    fixture.gate.hold_to_client(false);
    fixture.gate.shut(false);
    co_await expect_connected(shard, *publisher, true);
    co_await publish_all(*publisher, some_tickets(1));
    const Deadline deadline = soon();
    co_await publisher->stop(deadline);
}

Awaitable<> ignores_acknowledgements_of_an_earlier_connection(QueueShard& shard, GateFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 3);
    co_await publish_all(*sides.publisher, some_tickets(3));
    const auto first = co_await receive_all(*sides.consumer, 3);
    fixture.gate.shut(true);
    co_await expect_connected(shard, *sides.consumer, false);
    fixture.gate.shut(false);
    co_await expect_connected(shard, *sides.consumer, true);
    const auto again = co_await receive_all(*sides.consumer, 3);
    CHECK(tickets_of(again) == tickets_of(first));
    CHECK(std::ranges::all_of(again, &Delivery::redelivered));
    CHECK(again[0].tag.connection != first[0].tag.connection);
    // With these tags of today they would free the prefetch for what is not there, and lose the three.
    sides.consumer->acknowledge(tags_of(first));
    co_await expect_nothing(*sides.consumer);
    const Deadline deadline = soon();
    co_await sides.consumer->stop(deadline);
    const auto next = co_await connected_consumer(shard, fixture, 3);
    const auto third = co_await receive_all(*next, 3);
    CHECK(tickets_of(third) == tickets_of(first));
    co_await next->stop(deadline);
    co_await sides.publisher->stop(deadline);
}

Awaitable<> replaces_a_connection_that_owes_a_confirm(QueueShard& shard, GateFixture& fixture) {
    fixture.params.heartbeat = 60s;
    fixture.params.confirm_timeout = 300ms;
    const auto publisher = co_await connected_publisher(shard, fixture);
    fixture.gate.hold_to_client(true);
    const auto tickets = some_tickets(2);
    const Deadline deadline = soon();
    const auto outcomes = co_await publisher->publish(tickets, deadline);
    REQUIRE(outcomes.has_value());
    CHECK(*outcomes == std::vector<PublishOutcome>(2, PublishOutcome::unsettled));
    CHECK_FALSE(deadline.passed());
    CHECK_THAT(fixture.log.lines("amqp_disconnected").at(0), Catch::Contains("confirm is overdue"));
    fixture.gate.hold_to_client(false);
    co_await expect_connected(shard, *publisher, true);
    co_await publish_all(*publisher, tickets);
    co_await publisher->stop(deadline);
}

Awaitable<> gives_a_silent_broker_up(QueueShard& shard, GateFixture& fixture) {
    fixture.params.heartbeat = 2s;
    QueueSides sides = co_await connected_sides(shard, fixture, 3);
    fixture.gate.hold_to_client(true);
    fixture.gate.hold_to_broker(true);
    co_await expect_connected(shard, *sides.publisher, false);
    co_await expect_connected(shard, *sides.consumer, false);
    fixture.gate.hold_to_client(false);
    fixture.gate.hold_to_broker(false);
    co_await expect_connected(shard, *sides.publisher, true);
    co_await expect_connected(shard, *sides.consumer, true);
    co_await publish_all(*sides.publisher, some_tickets(1));
    co_await receive_all(*sides.consumer, 1);
    co_await stop_both(sides);
}

Awaitable<> keeps_idle_connections(QueueShard& shard, GateFixture& fixture) {
    fixture.params.heartbeat = 2s;
    QueueSides sides = co_await connected_sides(shard, fixture, 3);
    // The broker ends a connection of which it has heard nothing for two heartbeats.
    const Deadline idle = Deadline::after(4 * fixture.params.heartbeat);
    const auto nothing = co_await sides.consumer->receive(idle);
    REQUIRE(nothing.has_value());
    CHECK(nothing->empty());
    CHECK(fixture.log.lines("amqp_disconnected").empty());
    CHECK(fixture.gate.connections() == 2);
    co_await publish_all(*sides.publisher, some_tickets(1));
    co_await receive_all(*sides.consumer, 1);
    co_await stop_both(sides);
}

Awaitable<> never_waits_longer_than_the_deadline(QueueShard& shard, GateFixture& fixture) {
    fixture.params.heartbeat = 60s;
    QueueSides sides = co_await connected_sides(shard, fixture, 3);
    fixture.gate.hold_to_broker(true);
    // Far more than a window, into a peer that does not read.
    const auto tickets = some_tickets(10000);
    auto begin = Deadline::Clock::now();
    const Deadline shortly = Deadline::after(300ms);
    const auto outcomes = co_await sides.publisher->publish(tickets, shortly);
    CHECK(since(begin) < 60s); // a heartbeat later the connection itself would end it
    REQUIRE(outcomes.has_value());
    CHECK(std::ranges::count(*outcomes, PublishOutcome::confirmed) == 0);
    const Deadline again = Deadline::after(200ms);
    const auto waiting = co_await sides.publisher->waiting(again);
    CHECK((waiting.has_error() && waiting.error() == Errc::timeout));
    begin = Deadline::Clock::now();
    const Deadline end = Deadline::after(500ms);
    co_await sides.publisher->stop(end);
    co_await sides.consumer->stop(end);
    CHECK(since(begin) < 60s);
}

Awaitable<> stops_while_it_logs_in(QueueShard& shard, GateFixture& fixture) {
    fixture.gate.hold_to_client(true);
    const auto publisher = fixture.make_publisher(shard.context);
    const std::function<bool()> is_dialed = [&] { return fixture.gate.connections() == 1; };
    const bool dialed = co_await eventually(shard, is_dialed);
    CHECK(dialed);
    const auto begin = Deadline::Clock::now();
    const Deadline deadline = soon();
    co_await publisher->stop(deadline);
    CHECK(since(begin) < kPatience);
    // Without stop(): the destructor does as much.
    { const auto abandoned = fixture.make_consumer(shard.context, 1); }
    CHECK(since(begin) < kPatience);
    fixture.gate.hold_to_client(false);
}

Awaitable<> tells_of_a_wrong_password(QueueShard& shard, GateFixture& fixture) {
    fixture.params.url = "amqp://smsbcast:open-sesame@127.0.0.1:" + std::to_string(amqp_port()) + "/";
    const auto publisher = fixture.make_publisher(shard.context);
    const std::function<bool()> is_told = [&] { return !fixture.log.lines("amqp_unreachable").empty(); };
    const bool told = co_await eventually(shard, is_told);
    CHECK(told);
    CHECK_FALSE(publisher->state().has_value());
    const Deadline deadline = soon();
    co_await publisher->stop(deadline);
    CHECK_THAT(fixture.log.text(), Catch::Contains("ACCESS_REFUSED") && !Catch::Contains("open-sesame"));
}

} // namespace

TEST_CASE("rabbitmq: connects when the broker appears, and is quiet until then") {
    run_gate_check(&connects_when_the_broker_appears);
}

TEST_CASE("rabbitmq: a lost connection leaves unsettled what it owes") {
    run_gate_check(&leaves_unsettled_what_a_lost_connection_owes);
}

TEST_CASE("rabbitmq: acknowledgements of an earlier connection are ignored") {
    run_gate_check(&ignores_acknowledgements_of_an_earlier_connection);
}

TEST_CASE("rabbitmq: a connection that owes a confirm for too long is replaced") {
    run_gate_check(&replaces_a_connection_that_owes_a_confirm);
}

TEST_CASE("rabbitmq: a broker that falls silent is given up after two heartbeats") {
    run_gate_check(&gives_a_silent_broker_up);
}

TEST_CASE("rabbitmq: connections that lie idle are kept alive by heartbeats") {
    run_gate_check(&keeps_idle_connections);
}

TEST_CASE("rabbitmq: no call waits longer than its deadline for a broker that does not read") {
    run_gate_check(&never_waits_longer_than_the_deadline);
}

TEST_CASE("rabbitmq: can be stopped while it logs in") {
    run_gate_check(&stops_while_it_logs_in);
}

TEST_CASE("rabbitmq: a wrong password is told by the broker's words and never shown") {
    run_gate_check(&tells_of_a_wrong_password);
}

TEST_CASE("rabbitmq: a library call that hangs is ended by the watch") {
    using namespace adapters::rabbitmq;
    Gate gate(amqp_port());
    CallWatch watch(200ms);
    const auto endpoint = parse_amqp_url(amqp_url_through(gate.port())).value();
    const ConnectionOptions options{endpoint, "hanging", 60s, 5s};
    Dialed dialed = dial(endpoint, 20s, 60s, -1);
    REQUIRE(dialed.socket);
    Connection connection(std::move(dialed.socket), watch, options);
    REQUIRE(connection.ok());
    gate.hold_to_broker(true);
    std::atomic<bool> done{false};
    std::thread caller([&] {
        const std::string body(1000, 'x');
        const amqp_basic_properties_t properties{};
        // No window: it fills every buffer on the way, and then hangs in the library.
        while (connection.publish("", "nowhere", properties, body)) {
        }
        done = true;
    });
    const Deadline deadline = soon();
    bool cut = false;
    while (!done && !deadline.passed()) {
        cut = watch.check(Deadline::Clock::now()) || cut;
        std::this_thread::yield();
    }
    if (!done)
        watch.cut_for_good();
    caller.join();
    CHECK(cut);
    CHECK_FALSE(connection.ok());
}

} // namespace smsbcast::test::queue
