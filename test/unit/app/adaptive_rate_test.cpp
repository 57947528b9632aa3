#include "app/adaptive_rate.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <vector>

using namespace smsbcast;
using namespace std::chrono_literals;
using app::AdaptiveRate;
using Start = AdaptiveRate::Start;

namespace {

constexpr auto kBegun = AdaptiveRate::TimePoint{} + 1h;

/// A sender that submits as often as it may, `per_second` times at most.
struct Sender {
    AdaptiveRate rate;
    AdaptiveRate::TimePoint now = kBegun;

    Start begin() {
        REQUIRE(rate.opens_at(now) <= now);
        return rate.begin(now);
    }

    /// How many went out.
    int send_for(std::chrono::milliseconds time, int per_second = 1'000'000) {
        const auto between = std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second;
        const auto end = now + time;
        int sent = 0;
        while (std::max(now, rate.opens_at(now)) < end) {
            now = std::max(now, rate.opens_at(now));
            last = rate.begin(now);
            now += between;
            ++sent;
        }
        now = end;
        return sent;
    }

    Start last{};
};

} // namespace

TEST_CASE("rate: without throttling there is no limit", "[app][rate]") {
    Sender sender;
    CHECK(sender.rate.opens_at(sender.now) <= sender.now);
    CHECK(sender.send_for(2s, 20'000) == 40'000);
    CHECK_FALSE(sender.rate.limit(sender.now));
}

TEST_CASE("rate: nothing goes out for as long as the provider asks", "[app][rate]") {
    const auto [asked, pause] = GENERATE(table<std::chrono::milliseconds, std::chrono::milliseconds>({
        {3000ms, 3000ms},
        {0ms, 1000ms},
        {1h, 60s},
    }));
    Sender sender;
    const auto one = sender.begin(), other = sender.begin();
    CHECK(sender.rate.throttled(one, asked, sender.now));
    CHECK(sender.rate.opens_at(sender.now) == sender.now + pause);
    CHECK(sender.rate.opens_at(sender.now + pause - 1ms) == sender.now + pause);
    CHECK(sender.rate.opens_at(sender.now + pause) <= sender.now + pause);
    // A shorter one does not end it.
    CHECK_FALSE(sender.rate.throttled(other, 1ms, sender.now));
    CHECK(sender.rate.opens_at(sender.now) == sender.now + pause);
}

TEST_CASE("rate: goes on at half the rate that was too fast, and grows by a tenth of it a second", "[app][rate]") {
    Sender sender;
    sender.send_for(5s, 1000);
    REQUIRE(sender.rate.throttled(sender.last, 1s, sender.now));
    sender.now += 1s;
    CHECK(sender.rate.limit(sender.now).value() == Approx(500).epsilon(0.01));
    CHECK(sender.rate.limit(sender.now + 5s).value() == Approx(1000).epsilon(0.01));
    CHECK(sender.rate.limit(sender.now + 14s).value() == Approx(1900).epsilon(0.01));
    CHECK_FALSE(sender.rate.limit(sender.now + 16s));

    CHECK(sender.send_for(1s) == Approx(550 + 25).margin(5));
    CHECK(sender.send_for(1s) == Approx(650).margin(5));
    sender.send_for(14s);
    CHECK(sender.send_for(1s, 5000) == 5000);
}

TEST_CASE("rate: a burst decreases it once", "[app][rate]") {
    Sender sender;
    std::vector<Start> burst;
    for (int i = 0; i < 200; ++i)
        burst.push_back(sender.begin());
    sender.now += 500ms;
    CHECK(sender.rate.throttled(burst[100], 1s, sender.now));
    CHECK(sender.rate.limit(sender.now) == 100);
    for (const auto& start : burst)
        CHECK_FALSE(sender.rate.throttled(start, 1s, sender.now));
    CHECK(sender.rate.limit(sender.now) == 100);

    // The first of the next one may come before there was a second to measure: then the limit was the rate.
    sender.now += 1s;
    CHECK(sender.rate.throttled(sender.begin(), 1s, sender.now));
    CHECK(sender.rate.limit(sender.now) == 50);
}

TEST_CASE("rate: what counts is what went out, not what was allowed", "[app][rate]") {
    Sender sender;
    sender.send_for(3s, 1000);
    REQUIRE(sender.rate.throttled(sender.last, 1s, sender.now));
    sender.now += 1s;
    sender.send_for(4s, 100);
    REQUIRE(sender.rate.throttled(sender.last, 1s, sender.now));
    CHECK(sender.rate.limit(sender.now).value() == Approx(50).margin(1));
}

TEST_CASE("rate: slow answers and rests do not distort the measure", "[app][rate]") {
    Sender sender;
    SECTION("a burst whose answers take long") {
        const auto first = sender.begin();
        for (int i = 1; i < 300; ++i)
            sender.begin();
        sender.now += 2s;
        CHECK(sender.rate.throttled(first, 1s, sender.now));
        CHECK(sender.rate.limit(sender.now) == 75);
    }
    SECTION("a rest before") {
        sender.begin();
        sender.now += 1h;
        sender.send_for(1500ms, 1000);
        CHECK(sender.rate.throttled(sender.last, 1s, sender.now));
        CHECK(sender.rate.limit(sender.now).value() == Approx(500).margin(10));
    }
}

TEST_CASE("rate: never less than one a second, and back from there", "[app][rate]") {
    Sender sender;
    for (int i = 0; i < 50; ++i) {
        CHECK(sender.rate.throttled(sender.begin(), 1s, sender.now));
        CHECK(sender.rate.limit(sender.now) == 1);
        sender.now += 1s;
    }
    CHECK_FALSE(sender.rate.limit(sender.now + 3s));
}

TEST_CASE("rate: against a provider with a limit it stays near it and is seldom throttled", "[app][rate]") {
    const int allowed = GENERATE(5, 100, 2000);
    const auto latency = GENERATE(1ms, 200ms, 1500ms);
    AdaptiveRate rate;
    struct Flying {
        AdaptiveRate::TimePoint answered;
        Start start;
        bool refused;
    };
    std::deque<Flying> flying;
    auto now = kBegun;
    double tokens = allowed;
    int accepted = 0, refused = 0, last_minutes = 0;
    for (const auto end = now + 5min; now < end; now += 1ms) {
        tokens = std::min<double>(allowed, tokens + allowed / 1000.0);
        for (; !flying.empty() && flying.front().answered <= now; flying.pop_front())
            if (flying.front().refused)
                rate.throttled(flying.front().start, 1s, now);
        for (int lane = static_cast<int>(flying.size()); lane < 64 && rate.opens_at(now) <= now; ++lane) {
            const bool taken = tokens >= 1;
            tokens -= taken ? 1 : 0;
            (taken ? accepted : refused) += 1;
            if (taken && now > end - 4min)
                ++last_minutes;
            flying.push_back({now + latency, rate.begin(now), !taken});
        }
    }
    const double possible = std::min<double>(allowed, 64.0 * 1000 / static_cast<double>(latency.count()));
    INFO(allowed << "/s, " << latency.count() << " ms: " << accepted << " accepted, " << refused << " refused");
    CHECK(last_minutes > 240 * possible * 0.4);
    // The least step is a fifth of so low a rate, and slow answers tell late.
    CHECK(refused < (accepted + refused) * (allowed == 5 ? 0.25 : 0.1) + 64);
}
