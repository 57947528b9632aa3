#include "smsbcast/app/circuit_breaker.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <vector>

using namespace smsbcast;
using namespace std::chrono_literals;
using app::BreakerOptions;
using app::Circuit;
using app::CircuitBreaker;
using Sign = CircuitBreaker::Sign;

namespace {

constexpr auto kBreakerBegun = CircuitBreaker::TimePoint{} + 1h;

/// A breaker and its time.
struct BreakerRig {
    CircuitBreaker breaker{BreakerOptions{}};
    CircuitBreaker::TimePoint now = kBreakerBegun;

    bool submit(Sign sign) { return breaker.end(breaker.begin(), sign, now, 0); }
    void open() {
        for (int i = 0; i < 50; ++i)
            submit(Sign::failure);
        REQUIRE(breaker.state() == Circuit::open);
    }
    void half_open() {
        open();
        now = breaker.open_until();
        REQUIRE(breaker.try_again(now));
    }
};

} // namespace

TEST_CASE("breaker: opens when failures in a row last", "[app][breaker]") {
    BreakerRig rig;
    CHECK_FALSE(rig.breaker.since());
    for (int i = 0; i < 4; ++i) {
        CHECK_FALSE(rig.submit(Sign::failure));
        rig.now += 250ms;
    }
    CHECK(rig.breaker.admits());
    CHECK(rig.submit(Sign::failure));
    CHECK(rig.breaker.state() == Circuit::open);
    CHECK_FALSE(rig.breaker.admits());
    CHECK(rig.breaker.since() == rig.now);
}

TEST_CASE("breaker: a short row leaves it closed, however it ends", "[app][breaker]") {
    BreakerRig rig;
    for (int i = 0; i < 49; ++i)
        CHECK_FALSE(rig.submit(Sign::failure));
    SECTION("ten times as many open it at once") {
        CHECK(rig.submit(Sign::failure));
    }
    SECTION("or another one later") {
        rig.now += 1s;
        CHECK(rig.submit(Sign::failure));
    }
    SECTION("a sign of life ends the row") {
        CHECK_FALSE(rig.submit(Sign::life));
        rig.now += 1h;
        for (int i = 0; i < 49; ++i)
            CHECK_FALSE(rig.submit(Sign::failure));
    }
    SECTION("what was not tried does neither") {
        CHECK_FALSE(rig.submit(Sign::none));
        CHECK(rig.submit(Sign::failure));
    }
}

TEST_CASE("breaker: a share of failures never opens it", "[app][breaker]") {
    std::mt19937_64 random(7);
    BreakerRig rig;
    for (int i = 0; i < 200'000; ++i) {
        rig.now += 1ms;
        CHECK_FALSE(rig.submit(random() % 10 < 3 ? Sign::failure : Sign::life));
    }
}

TEST_CASE("breaker: 0 failures never open it", "[app][breaker]") {
    CircuitBreaker breaker({.failures = 0});
    for (int i = 0; i < 1000; ++i)
        CHECK_FALSE(breaker.end(breaker.begin(), Sign::failure, kBreakerBegun + i * 1s, 0));
    CHECK(breaker.admits());
    CHECK_FALSE(breaker.provider_away());
}

TEST_CASE("breaker: the provider is away from the second failure in a row until a sign of life", "[app][breaker]") {
    BreakerRig rig;
    rig.submit(Sign::failure);
    CHECK_FALSE(rig.breaker.provider_away());
    rig.submit(Sign::failure);
    CHECK(rig.breaker.provider_away());
    rig.submit(Sign::life);
    CHECK_FALSE(rig.breaker.provider_away());
    rig.half_open();
    CHECK(rig.breaker.provider_away());
    rig.submit(Sign::life);
    CHECK_FALSE(rig.breaker.provider_away());
}

TEST_CASE("breaker: after the pause exactly one goes out", "[app][breaker]") {
    BreakerRig rig;
    rig.open();
    CHECK(rig.breaker.open_until() == rig.now + 1s);
    CHECK_FALSE(rig.breaker.try_again(rig.now + 999ms));
    rig.now += 1s;
    CHECK(rig.breaker.try_again(rig.now));
    CHECK_FALSE(rig.breaker.try_again(rig.now));
    CHECK(rig.breaker.state() == Circuit::half_open);
    REQUIRE(rig.breaker.admits());
    const auto probe = rig.breaker.begin();
    CHECK_FALSE(rig.breaker.admits());

    SECTION("a sign of life closes it at once") {
        rig.now += 5s;
        CHECK(rig.breaker.end(probe, Sign::life, rig.now, 0));
        CHECK(rig.breaker.state() == Circuit::closed);
        CHECK(rig.breaker.since() == rig.now);
        rig.open();
        CHECK(rig.breaker.open_until() == rig.now + 1s);
    }
    SECTION("a failure opens it again, since when it was open first") {
        const auto since = rig.breaker.since();
        CHECK(rig.breaker.end(probe, Sign::failure, rig.now, 0));
        CHECK(rig.breaker.state() == Circuit::open);
        CHECK(rig.breaker.open_until() == rig.now + 2s);
        CHECK(rig.breaker.since() == since);
    }
    SECTION("of one that was not tried nothing is learned, and another goes out") {
        CHECK_FALSE(rig.breaker.end(probe, Sign::none, rig.now, 0));
        CHECK(rig.breaker.state() == Circuit::half_open);
        CHECK(rig.breaker.admits());
    }
}

TEST_CASE("breaker: the pause doubles up to its bound, less up to a half by chance", "[app][breaker]") {
    BreakerRig rig;
    rig.half_open();
    for (const auto pause : {2s, 4s, 8s, 16s, 30s, 30s, 30s}) {
        rig.submit(Sign::failure);
        CHECK(rig.breaker.open_until() == rig.now + pause);
        rig.now = rig.breaker.open_until();
        REQUIRE(rig.breaker.try_again(rig.now));
    }
    rig.breaker.end(rig.breaker.begin(), Sign::failure, rig.now, 0.5);
    CHECK(rig.breaker.open_until() == rig.now + 22500ms);
}

TEST_CASE("breaker: what began before the last change tells nothing", "[app][breaker]") {
    BreakerRig rig;
    const auto old = rig.breaker.begin();
    rig.open();
    CHECK_FALSE(rig.breaker.end(old, Sign::life, rig.now, 0));
    CHECK(rig.breaker.state() == Circuit::open);
    rig.now = rig.breaker.open_until();
    REQUIRE(rig.breaker.try_again(rig.now));
    const auto probe = rig.breaker.begin();
    for (const auto sign : {Sign::none, Sign::life, Sign::failure})
        CHECK_FALSE(rig.breaker.end(old, sign, rig.now, 0));
    CHECK_FALSE(rig.breaker.admits());
    CHECK(rig.breaker.end(probe, Sign::life, rig.now, 0));
    for (int i = 0; i < 100; ++i)
        CHECK_FALSE(rig.breaker.end(old, Sign::failure, rig.now + i * 1s, 0));
}

TEST_CASE("breaker: holds under any order of events", "[app][breaker]") {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        INFO("seed " << seed);
        std::mt19937_64 random(seed);
        const auto pick = [&](std::size_t below) { return static_cast<std::size_t>(random() % below); };
        CircuitBreaker breaker({.failures = 1 + static_cast<int>(pick(6))});
        struct Flying {
            CircuitBreaker::Epoch epoch;
            bool probe;
        };
        std::vector<Flying> flying;
        auto now = kBreakerBegun;
        std::size_t probes = 0;
        for (int i = 0; i < 5000; ++i) {
            now += std::chrono::milliseconds(pick(200));
            const bool tried = breaker.try_again(now);
            CHECK((!tried || breaker.state() == Circuit::half_open));
            if (breaker.state() == Circuit::open) {
                CHECK_FALSE(breaker.admits());
                CHECK(breaker.open_until() > now);
                CHECK(breaker.open_until() <= now + 30s);
            }
            if (breaker.admits() && pick(2) == 0) {
                const bool probe = breaker.state() == Circuit::half_open;
                probes += probe ? 1 : 0;
                flying.push_back({breaker.begin(), probe});
            }
            CHECK(probes <= 1);
            if (!flying.empty() && pick(2) == 0) {
                std::swap(flying[pick(flying.size())], flying.back());
                const auto [epoch, probe] = flying.back();
                flying.pop_back();
                const auto before = breaker.state();
                const auto sign = pick(8) == 0 ? Sign::none : pick(3) == 0 ? Sign::life : Sign::failure;
                const bool changed = breaker.end(epoch, sign, now, static_cast<double>(pick(100)) / 100);
                CHECK(changed == (breaker.state() != before));
                CHECK((!probe || sign == Sign::none || changed));
                probes -= probe ? 1 : 0;
            }
        }
        // Whatever it came to: once the provider answers it is closed, after one pause at most.
        for (const auto& each : flying)
            breaker.end(each.epoch, Sign::life, now, 0);
        now += 30s;
        breaker.try_again(now);
        REQUIRE(breaker.admits());
        breaker.end(breaker.begin(), Sign::life, now, 0);
        CHECK(breaker.state() == Circuit::closed);
    }
}

TEST_CASE("breaker: a refusal that concerns everybody opens it at once", "[app][breaker]") {
    const int failures = GENERATE(0, 5);
    CircuitBreaker breaker{BreakerOptions{.failures = failures}};
    auto now = kBreakerBegun;
    CHECK(breaker.end(breaker.begin(), Sign::refusal, now, 0));
    CHECK(breaker.state() == Circuit::open);
    CHECK(breaker.refused());
    CHECK(breaker.since() == now);
    std::chrono::milliseconds longest{0};
    for (int i = 0; i < 10; ++i) {
        longest = std::chrono::duration_cast<std::chrono::milliseconds>(breaker.open_until() - now);
        now = breaker.open_until();
        REQUIRE(breaker.try_again(now));
        CHECK(breaker.refused());
        CHECK(breaker.end(breaker.begin(), Sign::refusal, now, 0));
    }
    CHECK(longest == 5s); // it is there, so it is asked more often than one that is away
    now = breaker.open_until();
    REQUIRE(breaker.try_again(now));
    CHECK(breaker.end(breaker.begin(), Sign::life, now, 0));
    CHECK(breaker.state() == Circuit::closed);
    CHECK_FALSE(breaker.refused());
}

TEST_CASE("breaker: it can be opened and closed by what was concluded from several answers", "[app][breaker]") {
    BreakerRig rig;
    CHECK_FALSE(rig.breaker.close(rig.now));
    CHECK(rig.breaker.refuse(rig.now, 0));
    CHECK_FALSE(rig.breaker.refuse(rig.now, 0));
    CHECK(rig.breaker.refused());
    CHECK(rig.breaker.close(rig.now));
    CHECK(rig.breaker.admits());
    rig.open();
    CHECK_FALSE(rig.breaker.refused());
}
