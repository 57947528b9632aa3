#include "smsbcast/app/watch_parked.hpp"
#include "support/app_fake_outbox.hpp"

using namespace smsbcast;
using namespace smsbcast::test;
using app::WatchParked;

namespace {

std::string g_parked_lines;

struct ParkedWorld {
    ParkedWorld() {
        g_parked_lines.clear();
        log::set_sink([](std::string_view line) { g_parked_lines += line; });
        loop.spawn(watch.run());
        loop.settle();
    }
    ~ParkedWorld() {
        watch.stop();
        loop.run_dry();
    }

    void wait(std::chrono::seconds time) {
        g_parked_lines.clear();
        loop.advance(time);
    }

    Loop loop;
    Script script{loop.io};
    FakePublisher queue{script, loop.clock};
    WatchParked watch{queue, loop.clock};
};

bool warned(const std::string& counts) {
    INFO(g_parked_lines);
    const bool found = g_parked_lines.find("\"event\":\"tickets_dead_lettered\"," + counts) != std::string::npos;
    CHECK(found);
    return found && g_parked_lines.find("\"level\":\"warn\"") != std::string::npos;
}

} // namespace

TEST_CASE("watch parked: growth is told, once, with where it lies", "[app][parked]") {
    ParkedWorld world;
    CHECK(g_parked_lines.empty());
    CHECK(world.watch.count() == 0);
    world.queue.set_aside = 3;
    world.wait(WatchParked::kInterval - std::chrono::seconds(1));
    CHECK(g_parked_lines.empty());
    world.wait(std::chrono::seconds(1));
    CHECK(warned("\"count\":3,\"parked\":3,\"queue\":\"q.parked\""));
    CHECK(world.watch.count() == 3);
    world.wait(10 * WatchParked::kInterval);
    CHECK(g_parked_lines.empty());
    world.queue.set_aside = 5;
    world.wait(WatchParked::kInterval);
    CHECK(warned("\"count\":2,\"parked\":5"));
}

TEST_CASE("watch parked: what a person takes away is no news", "[app][parked]") {
    ParkedWorld world;
    world.queue.set_aside = 5;
    world.wait(WatchParked::kInterval);
    world.queue.set_aside = 1;
    world.wait(WatchParked::kInterval);
    CHECK(g_parked_lines.empty());
    world.queue.set_aside = 2;
    world.wait(WatchParked::kInterval);
    CHECK(warned("\"count\":1,\"parked\":2"));
}

TEST_CASE("watch parked: a broker that does not answer is asked again soon", "[app][parked]") {
    ParkedWorld world;
    world.script.fail_while([](std::string_view) { return true; });
    world.wait(WatchParked::kInterval);
    world.queue.set_aside = 4;
    const int before = world.script.calls();
    world.wait(std::chrono::seconds(10));
    CHECK(world.script.calls() == before + 10);
    CHECK(world.watch.count() == 0);
    world.script.stop_failing();
    world.wait(WatchParked::kRetry);
    CHECK(warned("\"count\":4"));
}

TEST_CASE("watch parked: what lay there before is no growth", "[app][parked]") {
    Loop loop;
    Script script{loop.io};
    FakePublisher queue{script, loop.clock};
    WatchParked watch{queue, loop.clock};
    queue.set_aside = 7;
    g_parked_lines.clear();
    log::set_sink([](std::string_view line) { g_parked_lines += line; });
    loop.spawn(watch.run());
    loop.settle();
    CHECK_THAT(g_parked_lines, Catch::Contains("\"level\":\"info\"") && Catch::Contains("\"parked\":7"));
    watch.stop();
    CHECK(loop.run_dry());
}
