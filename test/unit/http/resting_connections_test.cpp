#include "http/server/bound_watch.hpp"
#include "http/server/resting_connections.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace smsbcast;
using namespace smsbcast::http;
using namespace std::chrono_literals;

namespace {
const Deadline::Clock::time_point kRestingNow{1000s};
} // namespace

TEST_CASE("who has rested longest gives way first", "[resting_connections]") {
    RestingConnections resting;
    RestingPlace first(nullptr), second(nullptr), third(nullptr);
    CHECK(resting.next(kRestingNow) == nullptr);
    resting.begin(first, true, kRestingNow);
    resting.begin(second, true, kRestingNow + 1ms);
    resting.begin(third, true, kRestingNow + 2ms);
    second.leave(); // its request has come
    CHECK(resting.next(kRestingNow + 10s) == &first);
    resting.begin(second, true, kRestingNow + 10s);
    CHECK(resting.next(kRestingNow + 20s) == &third);
    CHECK(resting.next(kRestingNow + 20s) == &second);
    CHECK(resting.next(kRestingNow + 20s) == nullptr);
}

TEST_CASE("who has only begun to rest stays", "[resting_connections]") {
    RestingConnections resting;
    CHECK(resting.next_at() == Deadline::Clock::time_point::max());
    RestingPlace used(nullptr), fresh(nullptr);
    resting.begin(fresh, false, kRestingNow);
    CHECK(resting.next_at() == kRestingNow + RestingConnections::kFreshMayRest);
    resting.begin(used, true, kRestingNow);
    CHECK(resting.next_at() == kRestingNow + RestingConnections::kUsedMayRest);
    CHECK(resting.next(kRestingNow + RestingConnections::kUsedMayRest - 1ms) == nullptr);
    CHECK(resting.next(kRestingNow + RestingConnections::kUsedMayRest) == &used);
    CHECK(resting.next(kRestingNow + RestingConnections::kFreshMayRest - 1ms) == nullptr);
    CHECK(resting.next(kRestingNow + RestingConnections::kFreshMayRest) == &fresh);
}

TEST_CASE("one that was used goes before one that never was", "[resting_connections]") {
    RestingConnections resting;
    RestingPlace used(nullptr), fresh(nullptr);
    resting.begin(fresh, false, kRestingNow);
    resting.begin(used, true, kRestingNow + 1min);
    CHECK(resting.next(kRestingNow + 2min) == &used);
    CHECK(resting.next(kRestingNow + 2min) == &fresh);
}

TEST_CASE("a connection that ends leaves its place", "[resting_connections]") {
    RestingConnections resting;
    auto gone = std::make_unique<RestingPlace>(nullptr);
    resting.begin(*gone, true, kRestingNow);
    gone.reset();
    CHECK(resting.next(kRestingNow + 1h) == nullptr);
}

TEST_CASE("a bound that is met again and again is one time, until it was not met for a while", "[bound_watch]") {
    BoundWatch watch;
    CHECK_FALSE(watch.over(kRestingNow));
    CHECK(watch.reached(kRestingNow, 3));
    CHECK_FALSE(watch.reached(kRestingNow + 1s, 7));
    CHECK_FALSE(watch.reached(kRestingNow + 2s, 5));
    CHECK_FALSE(watch.over(kRestingNow + 2s + BoundWatch::kCalm - 1ms));
    const auto over = watch.over(kRestingNow + 2s + BoundWatch::kCalm);
    REQUIRE(over);
    CHECK(over->lasted == 2s);
    CHECK(over->most_waiting == 7);
    CHECK_FALSE(watch.over(kRestingNow + 1h));
    CHECK(watch.times() == 1);
    CHECK(watch.reached(kRestingNow + 1h, 1));
    CHECK(watch.times() == 2);
}
