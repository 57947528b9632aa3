// Hidden, since its figures mean something on a quiet machine only: smsbcast_rabbitmq_tests "[rabbitmq_throughput]"
#include "rabbit_fixture.hpp"

#include <cstdio>
#include <ctime>

namespace smsbcast::test::queue {

namespace {

constexpr int kBatchAtSpeed = 500;
constexpr int kTicketsAtSpeed = 50000;

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void print(const char* what, Deadline::Clock::time_point begin, double cpu) {
    const double seconds = static_cast<double>(since(begin).count()) / 1000;
    std::printf("%s: %.0f tickets/s, %.1f us of our CPU a ticket\n", what, kTicketsAtSpeed / seconds,
                (cpu_seconds() - cpu) * 1e6 / kTicketsAtSpeed);
}

Awaitable<> measures(QueueShard& shard, RabbitFixture& fixture) {
    fixture.params.call_timeout = 10s;
    QueueSides sides;
    sides.publisher = co_await connected_publisher(shard, fixture);
    auto begin = Deadline::Clock::now();
    auto cpu = cpu_seconds();
    for (int done = 0; done < kTicketsAtSpeed; done += kBatchAtSpeed)
        co_await publish_all(*sides.publisher, some_tickets(kBatchAtSpeed));
    print("published and confirmed, 500 at a time", begin, cpu);
    begin = Deadline::Clock::now();
    cpu = cpu_seconds();
    sides.consumer = co_await connected_consumer(shard, fixture, 100);
    const Deadline deadline = Deadline::after(kPatience);
    for (int done = 0; done < kTicketsAtSpeed;) {
        const auto some = co_await sides.consumer->receive(deadline);
        REQUIRE(some.has_value());
        sides.consumer->acknowledge(tags_of(*some));
        done += static_cast<int>(some->size());
    }
    print("received and acknowledged, prefetch 100", begin, cpu);
    co_await stop_both(sides);
}

Awaitable<> measures_one_at_a_time(QueueShard& shard, RabbitFixture& fixture) {
    QueueSides sides = co_await connected_sides(shard, fixture, 8);
    std::vector<std::int64_t> confirmed;
    std::vector<std::int64_t> delivered;
    for (int round = 0; round < 500; ++round) {
        const auto begin = Deadline::Clock::now();
        co_await publish_all(*sides.publisher, some_tickets(1));
        confirmed.push_back((Deadline::Clock::now() - begin) / 1us);
        const auto delivery = co_await receive_all(*sides.consumer, 1);
        delivered.push_back((Deadline::Clock::now() - begin) / 1us);
        sides.consumer->acknowledge(tags_of(delivery));
    }
    for (auto* const times : {&confirmed, &delivered})
        std::ranges::sort(*times);
    std::printf("one at a time: confirmed p50 %ld us, p99 %ld us; delivered p50 %ld us, p99 %ld us\n", confirmed[250],
                confirmed[495], delivered[250], delivered[495]);
    co_await stop_both(sides);
}

} // namespace

TEST_CASE("rabbitmq: latency", "[.][rabbitmq_throughput]") {
    run_rabbit_check(&measures_one_at_a_time);
}

TEST_CASE("rabbitmq: throughput", "[.][rabbitmq_throughput]") {
    run_rabbit_check(&measures);
}

} // namespace smsbcast::test::queue
