#include "simulated_provider.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace smsbcast;
using namespace std::chrono_literals;
using app::FlightWindow;
using test::Simulation;
using Answer = Simulation::Answer;
using Duration = Simulation::Duration;
using End = FlightWindow::End;

namespace {

Duration scaled(Duration time, double by) {
    return Duration(static_cast<Duration::rep>(static_cast<double>(time.count()) * by));
}

/// As many at a time as come.
Simulation::Provider unlimited(Duration latency) {
    return [latency](Simulation&) { return Answer{latency}; };
}

/// So many at a time; the others wait their turn.
Simulation::Provider queueing(std::size_t servers, Duration time) {
    return [time, free = std::vector<Simulation::Time>(servers)](Simulation& simulation) mutable {
        auto& first = *std::ranges::min_element(free);
        first = std::max(first, simulation.now) + time;
        return Answer{first - simulation.now};
    };
}

/// Beyond so many at a time each takes longer by more than the number grows.
Simulation::Provider choking(double well, Duration time) {
    return [well, time](Simulation& simulation) {
        const double load = std::max(1.0, static_cast<double>(simulation.at_provider) / well);
        return Answer{scaled(time, load * load)};
    };
}

double share_of(Simulation& simulation) {
    return std::uniform_real_distribution<>(0, 1)(simulation.random);
}

/// So many requests are answered `end` after `after`, and the others in 50 ms.
Simulation::Provider failing(double share, End end, Duration after) {
    return [=](Simulation& simulation) { return share_of(simulation) < share ? Answer{after, end} : Answer{50ms}; };
}

} // namespace

TEST_CASE("flight window: a slow provider costs no rate", "[app][flight_window]") {
    const bool eager = GENERATE(false, true);
    const auto rate = [&](Duration latency) {
        Simulation simulation(unlimited(latency));
        simulation.work = 100us;
        simulation.eager = eager;
        return simulation.run(50'000);
    };
    const double best = rate(0ms);
    CAPTURE(eager, best);
    CHECK(rate(5ms) > 0.9 * best);
    CHECK(rate(50ms) > 0.8 * best);
    CHECK(rate(200ms) > 0.55 * best);
    Simulation narrow(unlimited(200ms), {.most = 1024});
    narrow.work = 100us;
    CHECK(narrow.run(50'000) > 0.38 * best); // of 0.51, which 1024 in flight allow
}

TEST_CASE("flight window: reaches the rate and keeps it", "[app][flight_window]") {
    const bool eager = GENERATE(false, true);
    for (const Duration latency : {Duration(5ms), Duration(50ms), Duration(200ms)}) {
        Simulation simulation(unlimited(latency));
        simulation.eager = eager;
        const auto ramp = 12 * latency;
        simulation.run_for(ramp);
        const double allowed = 2048 / std::chrono::duration<double>(latency).count();
        CAPTURE(eager, latency.count());
        CHECK(simulation.run_for(30s) > 0.93 * std::min(12'500.0, allowed));
    }
}

TEST_CASE("flight window: a fast provider gets few connections", "[app][flight_window]") {
    for (const Duration latency : {Duration(0us), Duration(50us), Duration(200us)}) {
        Simulation simulation(unlimited(latency));
        simulation.eager = true; // what it may send waits in the client: the window is the only bound
        simulation.watched = 8;
        simulation.run_for(2s);
        simulation.take_longest_above();
        CAPTURE(latency.count());
        CHECK(simulation.run_for(20s) > 12'400);
        CHECK(simulation.take_longest_above() == 0s);
        CHECK(simulation.most < 100);
    }
}

TEST_CASE("flight window: a provider that serves 20 at a time gets 20", "[app][flight_window]") {
    const auto [chokes, time] = GENERATE(table<bool, Duration>({{false, 10ms},
                                                                {false, 100ms},
                                                                {false, 500ms},
                                                                {true, 10ms},
                                                                {true, 50ms},
                                                                {true, 100ms},
                                                                {true, 200ms},
                                                                {true, 500ms}}));
    const bool eager = GENERATE(false, true);
    Simulation simulation(chokes ? choking(20, time) : queueing(20, time));
    simulation.eager = eager;
    CAPTURE(time.count(), chokes, eager);
    const double best = 20 / std::chrono::duration<double>(time).count();
    CHECK(simulation.run_for(std::max<Duration>(60s, 480 * time)) > 0.9 * best);
    CHECK(simulation.take_longest_above() < 1s);
    CHECK(simulation.most < 50);
}

TEST_CASE("flight window: times that spread do not make it small", "[app][flight_window]") {
    SECTION("up to three times as long") {
        Simulation simulation([](Simulation& s) { return Answer{scaled(50ms, 1 + 2 * share_of(s))}; });
        simulation.run_for(3s);
        CHECK(simulation.run_for(30s) > 0.9 * 12'500);
    }
    SECTION("a heavy tail") {
        Simulation simulation(
            [](Simulation& s) { return Answer{scaled(20ms, std::min(200.0, std::pow(share_of(s), -0.7)))}; });
        simulation.run_for(3s);
        CHECK(simulation.run_for(30s) > 0.9 * 12'500);
    }
    SECTION("one in a hundred takes 2 s") {
        Simulation simulation(failing(0.01, End::answered, 2s));
        simulation.run_for(3s);
        CHECK(simulation.run_for(30s) > 0.9 * 12'500);
    }
    SECTION("a pause of half a second now and then") {
        Simulation simulation([](Simulation& s) {
            const auto phase = s.now.time_since_epoch() % 5s;
            return Answer{phase < 500ms ? 500ms - phase + 50ms : Duration(50ms)};
        });
        simulation.run_for(5s);
        CHECK(simulation.run_for(60s) > 0.8 * 0.9 * 12'500);
    }
    SECTION("20 at a time, each by chance") {
        Simulation simulation([serve = std::vector<Simulation::Time>(20)](Simulation& s) mutable {
            auto& first = *std::ranges::min_element(serve);
            first = std::max(first, s.now) + scaled(10ms, -std::log(1 - share_of(s)));
            return Answer{first - s.now};
        });
        CHECK(simulation.run_for(60s) > 0.85 * 2000);
        CHECK(simulation.take_longest_above() < 1s);
    }
}

TEST_CASE("flight window: follows a provider that becomes another one", "[app][flight_window]") {
    const auto [before, after] = GENERATE(table<Duration, Duration>({{20ms, 80ms}, {80ms, 20ms}, {50ms, 200ms}}));
    Simulation simulation(
        [=, from = before, to = after](Simulation& s) { return Answer{s.since_start() < 10s ? from : to}; });
    simulation.run_for(15s);
    const double allowed = 2048 / std::chrono::duration<double>(after).count();
    CAPTURE(before.count(), after.count());
    CHECK(simulation.run_for(20s) > 0.9 * std::min(12'500.0, allowed));
}

TEST_CASE("flight window: what the caller does not use tells nothing", "[app][flight_window]") {
    Simulation simulation(unlimited(50ms));
    simulation.run_for(5s);
    const auto size = simulation.window.size();
    REQUIRE(size > 500);
    simulation.demand = 3;
    simulation.run_for(1h);
    CHECK(simulation.window.size() >= size * 0.6);
    CHECK(simulation.window.size() <= size * 2);
    simulation.demand = 0;
    simulation.run_for(1h);
    simulation.demand = std::numeric_limits<std::size_t>::max();
    simulation.run_for(200ms);
    CHECK(simulation.run_for(2s) > 0.85 * 12'500);

    Simulation idle(unlimited(50ms));
    idle.demand = 3;
    idle.run_for(60s);
    CHECK(idle.window.size() == 16);
}

TEST_CASE("flight window: connecting takes time and tells nothing", "[app][flight_window]") {
    Simulation simulation(unlimited(50ms));
    simulation.connect = 100ms;
    simulation.run_for(2s);
    CHECK(simulation.run_for(10s) > 0.9 * 12'500);
}

TEST_CASE("flight window: overload takes away its share", "[app][flight_window]") {
    SECTION("of one in a hundred next to nothing") {
        const auto after = GENERATE(Duration(1ms), Duration(50ms));
        Simulation simulation(failing(0.01, End::overloaded, after));
        simulation.run_for(2s);
        CHECK(simulation.run_for(20s) > 0.9 * 12'500);
    }
    SECTION("of one in seven little") {
        Simulation simulation(failing(1 / 7.0, End::overloaded, 20ms));
        simulation.run_for(3s);
        CHECK(simulation.run_for(20s) > 0.75 * 12'500);
    }
    SECTION("all of it, and it comes back") {
        Simulation simulation([](Simulation& s) {
            const bool away = s.since_start() > 5s && s.since_start() < 60s;
            return away ? Answer{10s, End::overloaded} : Answer{50ms};
        });
        simulation.run_for(55s);
        CHECK(simulation.window.size() == 4);
        simulation.run_for(20s);
        CHECK(simulation.run_for(5s) > 0.8 * 12'500);
    }
}

TEST_CASE("flight window: shrinks once a round trip", "[app][flight_window]") {
    FlightWindow window(app::WindowOptions{});
    auto now = Simulation::kStart;
    const auto turn = [&](std::size_t of_five_refused) {
        std::vector<FlightWindow::Start> begun;
        while (window.admits())
            begun.push_back(window.begin(now));
        now += 50ms;
        for (std::size_t i = 0; const auto& start : begun)
            window.end(start, i++ % 5 < of_five_refused ? End::overloaded : End::answered, now);
    };
    for (int i = 0; i < 12; ++i)
        turn(0);
    for (int i = 0; i < 3; ++i) {
        const auto size = static_cast<double>(window.size());
        REQUIRE(size > 24);
        turn(3);
        CHECK(static_cast<double>(window.size()) > 0.35 * size);
        CHECK(static_cast<double>(window.size()) < 0.6 * size);
    }
}

TEST_CASE("flight window: keeps to its bounds, and to 1 at least", "[app][flight_window]") {
    const auto options = GENERATE(app::WindowOptions{.least = 0, .most = 0}, app::WindowOptions{.least = 1, .most = 1},
                                  app::WindowOptions{.least = 3, .most = 2}, app::WindowOptions{.least = 2, .most = 9});
    const auto end = GENERATE(End::answered, End::overloaded, End::ignored);
    Simulation simulation([end](Simulation&) { return Answer{5ms, end}; }, options);
    const auto least = std::max<std::size_t>(options.least, 1);
    for (int i = 0; i < 2000; ++i) {
        simulation.run(1);
        REQUIRE(simulation.window.size() >= least);
        REQUIRE(simulation.window.size() <= std::max(least, options.most));
    }
}

TEST_CASE("flight window: what was never tried only leaves", "[app][flight_window]") {
    FlightWindow window(app::WindowOptions{});
    for (int i = 0; i < 10'000; ++i)
        window.end(window.begin(Simulation::kStart), End::ignored, Simulation::kStart);
    CHECK(window.size() == 16);
    CHECK(window.in_flight() == 0);
}
