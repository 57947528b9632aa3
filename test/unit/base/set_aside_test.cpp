#include "smsbcast/base/set_aside.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;

TEST_CASE("set aside: a row is left alone for a while", "[base][set_aside]") {
    const SetAside::TimePoint start{1h};
    SetAside rows;
    const Uuid first = new_uuid(), second = new_uuid();
    CHECK(rows.ids(start).empty());
    rows.add(first, start);
    rows.add(second, start + 1min);
    CHECK(rows.ids(start + 1min) == std::vector{first, second});
    CHECK(rows.ids(start + 10min) == std::vector{second});
    CHECK(rows.ids(start + 11min).empty());
}

TEST_CASE("set aside: it is bounded, and forgets the oldest", "[base][set_aside]") {
    const SetAside::TimePoint start{1h};
    SetAside rows;
    const Uuid first = new_uuid();
    rows.add(first, start);
    for (std::size_t i = 0; i < SetAside::kMost; ++i)
        rows.add(new_uuid(), start);
    const auto ids = rows.ids(start);
    CHECK(ids.size() == SetAside::kMost);
    CHECK(ids.front() != first);
}
