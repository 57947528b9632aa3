#include "http/server/bound_watch.hpp"
#include "http/server/resting_connections.hpp"

#include <catch2/catch.hpp>

#include <memory>

using namespace smsbcast;
using namespace smsbcast::http;
using namespace std::chrono_literals;

namespace {
const Deadline::Clock::time_point kNow{1000s};
} // namespace

TEST_CASE("who has rested longest gives way first", "[resting_connections]") {
    RestingConnections resting;
    RestingPlace first(nullptr), second(nullptr), third(nullptr);
    CHECK(resting.next(kNow) == nullptr);
    resting.begin(first, true, kNow);
    resting.begin(second, true, kNow + 1ms);
    resting.begin(third, true, kNow + 2ms);
    second.leave(); // its request has come
    CHECK(resting.next(kNow + 10s) == &first);
    resting.begin(second, true, kNow + 10s);
    CHECK(resting.next(kNow + 20s) == &third);
    CHECK(resting.next(kNow + 20s) == &second);
    CHECK(resting.next(kNow + 20s) == nullptr);
}

TEST_CASE("who has only begun to rest stays", "[resting_connections]") {
    RestingConnections resting;
    CHECK(resting.next_at() == Deadline::Clock::time_point::max());
    RestingPlace used(nullptr), fresh(nullptr);
    resting.begin(fresh, false, kNow);
    CHECK(resting.next_at() == kNow + RestingConnections::kFreshMayRest);
    resting.begin(used, true, kNow);
    CHECK(resting.next_at() == kNow + RestingConnections::kUsedMayRest);
    CHECK(resting.next(kNow + RestingConnections::kUsedMayRest - 1ms) == nullptr);
    CHECK(resting.next(kNow + RestingConnections::kUsedMayRest) == &used);
    CHECK(resting.next(kNow + RestingConnections::kFreshMayRest - 1ms) == nullptr);
    CHECK(resting.next(kNow + RestingConnections::kFreshMayRest) == &fresh);
}

TEST_CASE("one that was used goes before one that never was", "[resting_connections]") {
    RestingConnections resting;
    RestingPlace used(nullptr), fresh(nullptr);
    resting.begin(fresh, false, kNow);
    resting.begin(used, true, kNow + 1min);
    CHECK(resting.next(kNow + 2min) == &used);
    CHECK(resting.next(kNow + 2min) == &fresh);
}

TEST_CASE("a connection that ends leaves its place", "[resting_connections]") {
    RestingConnections resting;
    auto gone = std::make_unique<RestingPlace>(nullptr);
    resting.begin(*gone, true, kNow);
    gone.reset();
    CHECK(resting.next(kNow + 1h) == nullptr);
}

TEST_CASE("a bound that is met again and again is one time, until it was not met for a while", "[bound_watch]") {
    BoundWatch watch;
    CHECK_FALSE(watch.over(kNow));
    CHECK(watch.reached(kNow, 3));
    CHECK_FALSE(watch.reached(kNow + 1s, 7));
    CHECK_FALSE(watch.reached(kNow + 2s, 5));
    CHECK_FALSE(watch.over(kNow + 2s + BoundWatch::kCalm - 1ms));
    const auto over = watch.over(kNow + 2s + BoundWatch::kCalm);
    REQUIRE(over);
    CHECK(over->lasted == 2s);
    CHECK(over->most_waiting == 7);
    CHECK_FALSE(watch.over(kNow + 1h));
    CHECK(watch.times() == 1);
    CHECK(watch.reached(kNow + 1h, 1));
    CHECK(watch.times() == 2);
}
