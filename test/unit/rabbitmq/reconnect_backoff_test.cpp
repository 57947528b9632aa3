#include "adapters/rabbitmq/reconnect_backoff.hpp"

#include <catch2/catch.hpp>

namespace smsbcast::adapters::rabbitmq {

using namespace std::chrono_literals;

namespace {

constexpr double kNearlyOne = 0.999999;
const ReconnectBackoff::Time kNow{1000s};

} // namespace

TEST_CASE("reconnect backoff: doubles up to the cap and is jittered down to nothing") {
    ReconnectBackoff backoff;
    for (const auto limit : {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5000ms, 5000ms, 5000ms}) {
        const auto pause = backoff.next(kNow, kNearlyOne);
        CHECK(pause < limit);
        CHECK(pause >= limit - 1ms);
    }
    CHECK(backoff.next(kNow, 0) == 0ms);
    CHECK(backoff.next(kNow, 0.5) == 2500ms);
}

TEST_CASE("reconnect backoff: only a connection that lasted begins anew") {
    ReconnectBackoff backoff;
    for (int failures = 0; failures < 4; ++failures)
        backoff.next(kNow, 0);
    backoff.on_connected(kNow);
    CHECK(backoff.next(kNow + 9s, kNearlyOne) == 1599ms);
    backoff.on_connected(kNow);
    CHECK(backoff.next(kNow + 10s, kNearlyOne) == 99ms);
    CHECK(backoff.next(kNow + 60s, kNearlyOne) == 199ms);
}

} // namespace smsbcast::adapters::rabbitmq
