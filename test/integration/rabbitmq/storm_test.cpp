#include "gate_fixture.hpp"

namespace smsbcast::test::queue {

namespace {

constexpr int kTickets = 3000;
constexpr std::size_t kBatch = 60;
constexpr int kCuts = 6;

/// Publishing and consuming at once, as the relay and a worker do it.
struct Storm {
    QueueSides sides;
    std::vector<TicketRef> unpublished = some_tickets(kTickets);
    std::set<TicketRef> confirmed;
    std::set<TicketRef> seen;
    int unsettled = 0;
};

Awaitable<> publish_until_confirmed(Storm& storm, QueueShard& shard) {
    const Deadline end = Deadline::after(kPatience);
    while (!storm.unpublished.empty() && !end.passed()) {
        auto& left = storm.unpublished;
        const std::vector<TicketRef> batch(left.begin(), left.begin() + std::min<std::ptrdiff_t>(kBatch, left.size()));
        const Deadline deadline = Deadline::after(2s);
        const auto outcomes = co_await storm.sides.publisher->publish(batch, deadline);
        const Deadline pause = Deadline::after(10ms);
        co_await runtime::sleep_until(shard.context, pause);
        if (outcomes.has_error())
            continue;
        for (std::size_t at = 0; at < batch.size(); ++at) {
            storm.unsettled += (*outcomes)[at] == PublishOutcome::unsettled;
            if ((*outcomes)[at] != PublishOutcome::confirmed)
                continue;
            storm.confirmed.insert(batch[at]);
            std::erase(left, batch[at]);
        }
    }
}

Awaitable<> consume_until_seen(Storm& storm) {
    const Deadline end = Deadline::after(kPatience);
    while (storm.seen.size() < kTickets && !end.passed()) {
        const Deadline shortly = Deadline::after(100ms);
        const auto some = co_await storm.sides.consumer->receive(shortly);
        if (some.has_error())
            continue;
        for (const auto& delivery : *some)
            storm.seen.insert(delivery.ticket);
        storm.sides.consumer->acknowledge(tags_of(*some));
    }
}

Awaitable<> loses_nothing_that_was_confirmed(QueueShard& shard, GateFixture& fixture) {
    Storm storm;
    storm.sides = co_await connected_sides(shard, fixture, 20);
    shard.tasks.spawn("publish", [&] { return publish_until_confirmed(storm, shard); });
    shard.tasks.spawn("consume", [&] { return consume_until_seen(storm); });
    for (int cut = 0; cut < kCuts; ++cut) {
        const std::function<bool()> is_busy = [&storm] {
            return storm.sides.publisher->state().has_value() && storm.sides.consumer->connected();
        };
        co_await eventually(shard, is_busy);
        // Now and then with confirms and deliveries on their way, and now and then without.
        fixture.gate.hold_to_client(cut % 2 == 0);
        const Deadline moment = Deadline::after(20ms * (cut + 1));
        co_await runtime::sleep_until(shard.context, moment);
        fixture.gate.shut(true);
        const Deadline after = Deadline::after(20ms);
        co_await runtime::sleep_until(shard.context, after);
        fixture.gate.hold_to_client(false);
        fixture.gate.shut(false);
    }
    const std::function<bool()> is_done = [&shard] { return shard.tasks.running() == 1; };
    const bool done = co_await eventually(shard, is_done);
    REQUIRE(done);
    CHECK(storm.confirmed.size() == kTickets);
    CHECK(std::ranges::includes(storm.seen, storm.confirmed));
    CHECK(storm.unsettled > 0); // or the storm was none
    co_await stop_both(storm.sides);
}

} // namespace

TEST_CASE("rabbitmq: a storm of cuts loses no ticket that was confirmed") {
    GateFixture fixture;
    const std::function<Awaitable<>(QueueShard&)> body = [&](QueueShard& shard) {
        return loses_nothing_that_was_confirmed(shard, fixture);
    };
    run_queue_check(body);
}

} // namespace smsbcast::test::queue
