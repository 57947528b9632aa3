#pragma once
// What every adapter of ports/message_queue.hpp must do. An adapter's test calls exercise_message_queue() with a
// factory of fixtures; each check gets a fixture, and with it an empty queue, of its own.

#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/runtime/task_group.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include "support/patience.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace smsbcast::test::queue {

using namespace std::chrono_literals;
using runtime::Awaitable;

/// A queue of its own, and the two sides of it. May be used on one shard after the other.
class QueueFixture {
public:
    virtual ~QueueFixture() = default;
    virtual std::unique_ptr<TicketPublisher> make_publisher(runtime::asio::io_context& shard) = 0;
    virtual std::unique_ptr<TicketConsumer> make_consumer(runtime::asio::io_context& shard, int prefetch) = 0;
};

using MakeQueueFixture = std::function<std::unique_ptr<QueueFixture>()>;

inline Deadline soon() {
    return Deadline::after(kPatience);
}

struct QueueShard {
    runtime::asio::io_context context{1};
    runtime::TaskGroup tasks{context};
};

/// A failed REQUIRE leaves a coroutine as an exception, which must not end the process.
inline Awaitable<> keep_failure(std::function<Awaitable<>(QueueShard&)> body, QueueShard& shard,
                                std::exception_ptr& failure) {
    try {
        co_await body(shard);
    } catch (...) {
        failure = std::current_exception();
    }
}

/// Runs the coroutine to its end, and asserts that nothing is left to do on its shard then.
inline void run_queue_check(const std::function<Awaitable<>(QueueShard&)>& body) {
    QueueShard shard;
    std::exception_ptr failure;
    shard.tasks.spawn("check", [&] { return keep_failure(body, shard, failure); });
    shard.context.run_for(3 * kPatience);
    const bool ran_dry = shard.context.stopped() && shard.tasks.running() == 0;
    if (!ran_dry)
        FAIL("the check left work behind, or took too long");
    if (failure)
        std::rethrow_exception(failure);
}

inline std::vector<TicketRef> some_tickets(int count) {
    UuidBlock ids;
    std::vector<TicketRef> tickets;
    for (int at = 0; at < count; ++at)
        tickets.push_back({TicketId{ids.next()}, at});
    return tickets;
}

/// Looks again every few milliseconds until it is so; false at the deadline.
inline Awaitable<bool> eventually(QueueShard& shard, std::function<bool()> is_so) {
    const Deadline deadline = soon();
    while (!is_so()) {
        if (deadline.passed())
            co_return false;
        const Deadline next = Deadline::after(2ms);
        co_await runtime::sleep_until(shard.context, next);
    }
    co_return true;
}

/// Both sides connected.
struct QueueSides {
    std::unique_ptr<TicketPublisher> publisher;
    std::unique_ptr<TicketConsumer> consumer;
};

inline Awaitable<std::unique_ptr<TicketPublisher>> connected_publisher(QueueShard& shard, QueueFixture& fixture) {
    auto publisher = fixture.make_publisher(shard.context);
    const std::function<bool()> is_connected = [&] { return publisher->state().has_value(); };
    const bool came = co_await eventually(shard, is_connected);
    REQUIRE(came);
    co_return publisher;
}

inline Awaitable<std::unique_ptr<TicketConsumer>> connected_consumer(QueueShard& shard, QueueFixture& fixture,
                                                                     int prefetch) {
    auto consumer = fixture.make_consumer(shard.context, prefetch);
    const std::function<bool()> is_connected = [&] { return consumer->connected(); };
    const bool came = co_await eventually(shard, is_connected);
    REQUIRE(came);
    co_return consumer;
}

inline Awaitable<QueueSides> connected_sides(QueueShard& shard, QueueFixture& fixture, int prefetch) {
    QueueSides sides;
    sides.publisher = co_await connected_publisher(shard, fixture);
    sides.consumer = co_await connected_consumer(shard, fixture, prefetch);
    co_return sides;
}

inline Awaitable<> stop_both(QueueSides& sides) {
    const Deadline deadline = soon();
    co_await sides.consumer->stop(deadline);
    co_await sides.publisher->stop(deadline);
}

inline Awaitable<> publish_all(TicketPublisher& publisher, std::vector<TicketRef> tickets) {
    const auto count = tickets.size();
    const Deadline deadline = soon();
    const auto outcomes = co_await publisher.publish(tickets, deadline);
    REQUIRE(outcomes.has_value());
    CHECK(*outcomes == std::vector<PublishOutcome>(count, PublishOutcome::confirmed));
}

/// Receives until `count` deliveries are there.
inline Awaitable<std::vector<Delivery>> receive_all(TicketConsumer& consumer, std::size_t count) {
    std::vector<Delivery> all;
    const Deadline deadline = soon();
    while (all.size() < count && !deadline.passed()) {
        const auto some = co_await consumer.receive(deadline);
        REQUIRE(some.has_value());
        all.insert(all.end(), some->begin(), some->end());
    }
    REQUIRE(all.size() == count);
    co_return all;
}

/// Nothing more is delivered within a time in which it would have been.
inline Awaitable<> expect_nothing(TicketConsumer& consumer) {
    const Deadline shortly = Deadline::after(150ms);
    const auto none = co_await consumer.receive(shortly);
    REQUIRE(none.has_value());
    CHECK(none->empty());
}

inline std::vector<TicketRef> tickets_of(const std::vector<Delivery>& deliveries) {
    std::vector<TicketRef> tickets;
    for (const auto& delivery : deliveries)
        tickets.push_back(delivery.ticket);
    std::ranges::sort(tickets);
    return tickets;
}

inline std::vector<DeliveryTag> tags_of(const std::vector<Delivery>& deliveries) {
    std::vector<DeliveryTag> tags;
    for (const auto& delivery : deliveries)
        tags.push_back(delivery.tag);
    return tags;
}

inline Awaitable<> comes_out_as_it_went_in(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 100);
    const auto tickets = some_tickets(50);
    co_await publish_all(*sides.publisher, tickets);
    const auto deliveries = co_await receive_all(*sides.consumer, tickets.size());
    CHECK(tickets_of(deliveries) == tickets);
    CHECK(std::ranges::none_of(deliveries, &Delivery::redelivered));
    sides.consumer->acknowledge(tags_of(deliveries));
    co_await stop_both(sides);

    const auto next = co_await connected_consumer(shard, fixture, 100);
    co_await expect_nothing(*next);
    const Deadline deadline = soon();
    co_await next->stop(deadline);
}

inline Awaitable<> bounds_what_is_published_at_once(QueueShard& shard, QueueFixture& fixture) {
    const auto publisher = co_await connected_publisher(shard, fixture);
    const Deadline deadline = soon();
    const auto none = co_await publisher->publish({}, deadline);
    REQUIRE(none.has_value());
    CHECK(none->empty());
    const auto too_many = some_tickets(10001);
    const auto refused = co_await publisher->publish(too_many, deadline);
    CHECK((refused.has_error() && refused.error() == Errc::overloaded));
    const auto many = some_tickets(10000);
    co_await publish_all(*publisher, many);
    co_await publisher->stop(deadline);
}

inline Awaitable<> holds_no_more_than_the_prefetch(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 3);
    co_await publish_all(*sides.publisher, some_tickets(10));
    const auto held = co_await receive_all(*sides.consumer, 3);
    co_await expect_nothing(*sides.consumer);
    sides.consumer->acknowledge({held[1].tag});
    auto next = co_await receive_all(*sides.consumer, 1);
    co_await expect_nothing(*sides.consumer);
    sides.consumer->acknowledge({held[0].tag, held[2].tag, next[0].tag});
    next = co_await receive_all(*sides.consumer, 3);
    co_await expect_nothing(*sides.consumer);
    co_await stop_both(sides);
}

inline Awaitable<> delivers_again_what_was_not_acknowledged(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    const auto tickets = some_tickets(6);
    co_await publish_all(*sides.publisher, tickets);
    const auto first = co_await receive_all(*sides.consumer, 6);
    // Out of order, in several calls, one of them twice.
    sides.consumer->acknowledge({first[4].tag, first[1].tag});
    sides.consumer->acknowledge({first[1].tag});
    sides.consumer->acknowledge({first[3].tag});
    const Deadline deadline = soon();
    co_await sides.consumer->stop(deadline);

    sides.consumer = co_await connected_consumer(shard, fixture, 10);
    const auto again = co_await receive_all(*sides.consumer, 3);
    std::vector<TicketRef> expected{first[0].ticket, first[2].ticket, first[5].ticket};
    std::ranges::sort(expected);
    CHECK(tickets_of(again) == expected);
    CHECK(std::ranges::all_of(again, &Delivery::redelivered));
    co_await expect_nothing(*sides.consumer);
    co_await stop_both(sides);
}

inline Awaitable<> requeues(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    co_await publish_all(*sides.publisher, some_tickets(4));
    const auto first = co_await receive_all(*sides.consumer, 4);
    sides.consumer->requeue({first[2].tag, first[0].tag});
    const auto again = co_await receive_all(*sides.consumer, 2);
    std::vector<TicketRef> expected{first[0].ticket, first[2].ticket};
    std::ranges::sort(expected);
    CHECK(tickets_of(again) == expected);
    CHECK(std::ranges::all_of(again, &Delivery::redelivered));
    co_await expect_nothing(*sides.consumer);
    co_await stop_both(sides);
}

inline Awaitable<> ignores_tags_it_does_not_know(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    co_await publish_all(*sides.publisher, some_tickets(2));
    const auto held = co_await receive_all(*sides.consumer, 2);
    const DeliveryTag known = held[0].tag;
    sides.consumer->acknowledge({{known.connection + 7, known.tag}, {known.connection, known.tag + 1000}, {}});
    sides.consumer->requeue({{known.connection + 7, known.tag}});
    sides.consumer->acknowledge({});
    sides.consumer->acknowledge(tags_of(held));
    sides.consumer->requeue(tags_of(held));
    co_await publish_all(*sides.publisher, some_tickets(1));
    const auto next = co_await receive_all(*sides.consumer, 1);
    CHECK_FALSE(next[0].redelivered);
    co_await stop_both(sides);
}

inline Awaitable<> ends_the_intake_first(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 4);
    const auto tickets = some_tickets(8);
    co_await publish_all(*sides.publisher, tickets);
    const auto held = co_await receive_all(*sides.consumer, 4);
    sides.consumer->acknowledge({held[0].tag, held[1].tag}); // brings two more, which nobody receives
    const Deadline deadline = soon();
    co_await sides.consumer->stop_intake(deadline);
    const auto refused = co_await sides.consumer->receive(deadline);
    CHECK((refused.has_error() && refused.error() == Errc::stopping));

    // The others are free for another consumer although the first one is still there.
    const auto other = co_await connected_consumer(shard, fixture, 100);
    const auto rest = co_await receive_all(*other, 4);
    sides.consumer->acknowledge({held[2].tag});
    co_await stop_both(sides);
    const auto last = co_await receive_all(*other, 1);
    CHECK(last[0].ticket == held[3].ticket);
    std::set<TicketRef> seen{held[0].ticket, held[1].ticket, held[2].ticket, last[0].ticket};
    for (const auto& delivery : rest)
        seen.insert(delivery.ticket);
    CHECK(seen == std::set<TicketRef>(tickets.begin(), tickets.end()));
    other->acknowledge(tags_of(rest));
    other->acknowledge(tags_of(last));
    co_await other->stop(deadline);
}

inline Awaitable<bool> waiting_becomes(QueueShard& shard, TicketPublisher& publisher, std::int64_t count) {
    const Deadline deadline = soon();
    while (!deadline.passed()) {
        const auto waiting = co_await publisher.waiting(deadline);
        if (waiting.has_value() && *waiting == count)
            co_return true;
        const Deadline next = Deadline::after(20ms);
        co_await runtime::sleep_until(shard.context, next);
    }
    co_return false;
}

inline Awaitable<> counts_what_waits(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides;
    sides.publisher = co_await connected_publisher(shard, fixture);
    const bool empty = co_await waiting_becomes(shard, *sides.publisher, 0);
    CHECK(empty);
    co_await publish_all(*sides.publisher, some_tickets(5));
    const bool all = co_await waiting_becomes(shard, *sides.publisher, 5);
    CHECK(all);
    sides.consumer = co_await connected_consumer(shard, fixture, 2);
    const auto held = co_await receive_all(*sides.consumer, 2);
    const bool without_held = co_await waiting_becomes(shard, *sides.publisher, 3);
    CHECK(without_held);
    const Deadline deadline = soon();
    co_await sides.consumer->stop(deadline);
    const bool given_back = co_await waiting_becomes(shard, *sides.publisher, 5);
    CHECK(given_back);
    co_await sides.publisher->stop(deadline);
}

inline Awaitable<> parks_nothing_by_itself(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 10);
    co_await publish_all(*sides.publisher, some_tickets(3));
    const auto held = co_await receive_all(*sides.consumer, 3);
    sides.consumer->acknowledge({held[0].tag});
    sides.consumer->requeue({held[1].tag, held[2].tag});
    co_await receive_all(*sides.consumer, 2);
    const Deadline deadline = soon();
    const auto parked = co_await sides.publisher->parked(deadline);
    REQUIRE(parked.has_value());
    CHECK(parked->count == 0);
    co_await stop_both(sides);
}

inline Awaitable<> shares_between_consumers(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 5);
    const auto other = co_await connected_consumer(shard, fixture, 5);
    const auto tickets = some_tickets(200);
    co_await publish_all(*sides.publisher, tickets);
    std::multiset<TicketRef> seen;
    const Deadline deadline = soon();
    while (seen.size() < tickets.size() && !deadline.passed()) {
        for (TicketConsumer* const each : {sides.consumer.get(), other.get()}) {
            const Deadline shortly = Deadline::after(10ms);
            const auto some = co_await each->receive(shortly);
            REQUIRE(some.has_value());
            for (const auto& delivery : *some)
                seen.insert(delivery.ticket);
            each->acknowledge(tags_of(*some));
        }
    }
    CHECK(seen == std::multiset<TicketRef>(tickets.begin(), tickets.end()));
    co_await other->stop(deadline);
    co_await stop_both(sides);
}

inline Awaitable<> stays_stopped(QueueShard& shard, QueueFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 5);
    const Deadline deadline = soon();
    co_await stop_both(sides);
    CHECK_FALSE(sides.publisher->state().has_value());
    CHECK_FALSE(sides.consumer->connected());
    const auto tickets = some_tickets(1);
    const auto outcomes = co_await sides.publisher->publish(tickets, deadline);
    CHECK((outcomes.has_error() && outcomes.error() == Errc::unavailable));
    const auto waiting = co_await sides.publisher->waiting(deadline);
    CHECK((waiting.has_error() && waiting.error() == Errc::unavailable));
    const auto parked = co_await sides.publisher->parked(deadline);
    CHECK((parked.has_error() && parked.error() == Errc::unavailable));
    const auto deliveries = co_await sides.consumer->receive(deadline);
    CHECK((deliveries.has_error() && deliveries.error() == Errc::stopping));
    sides.consumer->acknowledge({{1, 1}});
    sides.consumer->requeue({{1, 1}});
    co_await sides.consumer->stop_intake(deadline);
    co_await stop_both(sides);
}

inline void exercise_message_queue(const MakeQueueFixture& make) {
    using Check = Awaitable<> (*)(QueueShard&, QueueFixture&);
    static constexpr std::pair<const char*, Check> kChecks[] = {
        {"a ticket comes out as it went in, once", &comes_out_as_it_went_in},
        {"what is published at once is bounded", &bounds_what_is_published_at_once},
        {"no more than the prefetch is held", &holds_no_more_than_the_prefetch},
        {"what was not acknowledged is delivered again", &delivers_again_what_was_not_acknowledged},
        {"what is requeued is delivered again", &requeues},
        {"unknown and spent tags are ignored", &ignores_tags_it_does_not_know},
        {"the intake can end before the rest", &ends_the_intake_first},
        {"what waits is counted, what is held is not", &counts_what_waits},
        {"what comes and goes as it should is not parked", &parks_nothing_by_itself},
        {"consumers share, and each ticket goes to one", &shares_between_consumers},
        {"a stopped side stays stopped and can be stopped again", &stays_stopped},
    };
    for (const auto& [name, check] : kChecks) {
        DYNAMIC_SECTION(name) {
            const auto fixture = make();
            const std::function<Awaitable<>(QueueShard&)> body = [&](QueueShard& shard) {
                return check(shard, *fixture);
            };
            run_queue_check(body);
        }
    }
}

} // namespace smsbcast::test::queue
