#include "smsbcast/app/headway.hpp"

#include <catch2/catch.hpp>

using smsbcast::app::Headway;
using namespace std::chrono_literals;

TEST_CASE("headway: what waits and gets nowhere for ten seconds has stalled", "[app][headway]") {
    const Headway::TimePoint start{1h};
    Headway headway;
    CHECK_FALSE(headway.stalled(start + 1h)); // nothing waits
    headway.waits(start);
    headway.waits(start + 5s);
    CHECK_FALSE(headway.stalled(start + 9999ms));
    CHECK(headway.stalled(start + 10s));
    headway.moved();
    CHECK_FALSE(headway.stalled(start + 1h));
    headway.waits(start + 20s);
    CHECK_FALSE(headway.stalled(start + 25s));
    CHECK(headway.stalled(start + 30s));
}
