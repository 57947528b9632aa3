#include "smsbcast/app/queue_depth.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace smsbcast;
using app::QueueDepth;
using std::chrono::milliseconds;

namespace {

const auto kDepthStart = Deadline::Clock::time_point{} + std::chrono::hours(1);

/// A queue between a relay that fills it every `turn` and workers that take at one speed.
struct Plant {
    QueueDepth depth{{.min_messages = 1000, .max_messages = 20000, .ahead = milliseconds(500)}};
    double queued = 0;
    std::int64_t published = 0;
    int dry_turns = 0;
    Deadline::Clock::time_point now = kDepthStart;

    void run(milliseconds length, milliseconds turn, double per_second) {
        for (const auto end = now + length; now < end; now += turn) {
            const double taken = per_second * std::chrono::duration<double>(turn).count();
            dry_turns += queued < taken;
            queued = std::max(0.0, queued - taken);
            depth.observe(now, published, static_cast<std::int64_t>(queued));
            published = depth.room(static_cast<std::int64_t>(queued));
            queued += static_cast<double>(published);
        }
    }
};

} // namespace

TEST_CASE("queue depth: the least lies there before anything was taken", "[app][queue_depth]") {
    QueueDepth depth({.min_messages = 1000, .max_messages = 20000, .ahead = milliseconds(500)});
    CHECK(depth.target() == 1000);
    CHECK(depth.room(0) == 1000);
    CHECK(depth.room(1000) == 0);
    CHECK(depth.room(5000) == 0);
}

TEST_CASE("queue depth: there is no room until a quarter is free", "[app][queue_depth]") {
    const QueueDepth depth({.min_messages = 1000, .max_messages = 20000, .ahead = milliseconds(500)});
    CHECK(depth.room(751) == 0);
    CHECK(depth.room(750) == 250);
    CHECK(depth.room(100) == 900);
}

TEST_CASE("queue depth: holds half a second of what the workers take", "[app][queue_depth]") {
    Plant plant;
    plant.run(milliseconds(5000), milliseconds(25), 10000);
    CHECK(plant.depth.target() == Approx(5000).epsilon(0.1));
    plant.dry_turns = 0;
    plant.run(milliseconds(20000), milliseconds(25), 10000);
    CHECK(plant.dry_turns == 0);
    CHECK(plant.queued <= 6000);

    SECTION("and less when they slow down") {
        plant.run(milliseconds(10000), milliseconds(25), 100);
        CHECK(plant.depth.target() == 1000);
        CHECK(plant.queued <= 5500);
    }
    SECTION("and never more than the bound") {
        plant.run(milliseconds(20000), milliseconds(25), 200000);
        CHECK(plant.depth.target() == 20000);
    }
}

TEST_CASE("queue depth: a rise is followed within a second or two", "[app][queue_depth]") {
    Plant plant;
    plant.run(milliseconds(1500), milliseconds(10), 10000);
    plant.dry_turns = 0;
    plant.run(milliseconds(3000), milliseconds(10), 10000);
    CHECK(plant.dry_turns == 0);
}

TEST_CASE("queue depth: one gulp of a whole prefetch is not a speed", "[app][queue_depth]") {
    QueueDepth depth({.min_messages = 1000, .max_messages = 20000, .ahead = milliseconds(500)});
    depth.observe(kDepthStart, 0, 0);
    depth.observe(kDepthStart + milliseconds(10), 1000, 1000);
    depth.observe(kDepthStart + milliseconds(15), 0, 0);
    CHECK(depth.target() <= 1500);
}

TEST_CASE("queue depth: a standing clock and other relays do no harm", "[app][queue_depth]") {
    QueueDepth depth({.min_messages = 10, .max_messages = 20000, .ahead = milliseconds(1000)});
    depth.observe(kDepthStart, 0, 0);
    depth.observe(kDepthStart, 100, 100);
    depth.observe(kDepthStart + milliseconds(500), 0, 9000); // put there by another relay
    CHECK(depth.target() == 10);
    depth.observe(kDepthStart + milliseconds(1500), 0, 8000);
    CHECK(depth.target() == Approx(632).epsilon(0.01));
}

TEST_CASE("queue depth: bounds that contradict each other do not crash", "[app][queue_depth]") {
    const QueueDepth depth({.min_messages = 1000, .max_messages = 10, .ahead = milliseconds(500)});
    CHECK(depth.target() == 1000);
}
