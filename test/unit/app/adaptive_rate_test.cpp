#include "smsbcast/app/adaptive_rate.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <queue>
#include <random>
#include <vector>

using namespace smsbcast;
using namespace std::chrono_literals;
using app::AdaptiveRate;
using Change = AdaptiveRate::Change;
using Time = AdaptiveRate::TimePoint;
using Seconds = std::chrono::duration<double>;

namespace {

constexpr auto kRateBegun = Time{} + 1h;

/// Accepts `rate` a second and `burst` at once.
class TokenBucket {
public:
    TokenBucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

    bool takes(Time now, int weight = 1) {
        tokens_ = std::min(burst_, tokens_ + rate_ * Seconds(now - last_).count());
        last_ = now;
        if (tokens_ < weight)
            return false;
        tokens_ -= weight;
        return true;
    }

private:
    double rate_, burst_, tokens_;
    Time last_ = kRateBegun;
};

/// A sender with work without end in simulated time. It has up to `window` submissions in flight and begins at most
/// `most_per_second`; each is answered `latency` later.
class Sender {
public:
    using Provider = std::function<bool(Time)>; ///< whether it takes the submission that came at that time

    Sender(int window, double most_per_second, Time::duration latency, Time::duration lateness = {})
        : window_(window), between_(std::chrono::duration_cast<Time::duration>(Seconds(1 / most_per_second))),
          latency_(latency), lateness_(lateness) {}

    AdaptiveRate rate;
    int weight = 1; ///< of each submission
    Time now = kRateBegun;
    int accepted = 0, refused = 0, limited = 0, lifted = 0;

    double refused_share() const { return static_cast<double>(refused) / (accepted + refused); }

    void run(Time::duration time, const Provider& provider) {
        accepted = refused = 0;
        for (const Time end = now + time; step(end, provider);) {
        }
    }

private:
    struct Answer {
        Time at;
        AdaptiveRate::Start start;
        bool taken;
        bool operator<(const Answer& other) const { return at > other.at; }
    };

    bool step(Time end, const Provider& provider) {
        const bool free = static_cast<int>(under_way_.size()) < window_;
        const Time begins = free ? std::max({now, ready_, opens_at()}) : Time::max();
        const Time answers = under_way_.empty() ? Time::max() : under_way_.top().at;
        if (std::min(begins, answers) >= end) {
            now = end;
            return false;
        }
        now = std::min(begins, answers);
        if (begins < answers) {
            ready_ = now + between_;
            under_way_.push({now + latency_, rate.begin(now, weight), provider(now + latency_ / 2)});
        } else {
            take_answer();
        }
        return true;
    }

    Time opens_at() {
        const Time opens = rate.opens_at(now);
        if (opens <= now)
            return now;
        if (wakes_ < opens)
            wakes_ = opens + lateness_;
        return wakes_;
    }

    void take_answer() {
        const Answer answer = under_way_.top();
        under_way_.pop();
        ++(answer.taken ? accepted : refused);
        const Change change = rate.end(answer.start, !answer.taken, now);
        limited += change == Change::limited ? 1 : 0;
        lifted += change == Change::lifted ? 1 : 0;
    }

    int window_;
    Time::duration between_, latency_, lateness_;
    Time wakes_ = kRateBegun;
    Time ready_ = kRateBegun;
    std::priority_queue<Answer> under_way_;
};

} // namespace

TEST_CASE("rate: without throttling there is no limit", "[app][rate]") {
    Sender sender(64, 10'000, 1ms);
    sender.run(2s, [](Time) { return true; });
    CHECK(sender.accepted >= 19'900);
    CHECK_FALSE(sender.rate.limit(sender.now));
}

TEST_CASE("rate: a provider that truly throttles is held at its rate", "[app][rate]") {
    struct Case {
        double rate, burst;
        int window;
        double most_per_second;
        Time::duration latency;
    };
    const auto c = GENERATE(values<Case>({
        {200, 2, 64, 5000, 1ms},
        {200, 20, 64, 5000, 1ms},
        {200, 200, 64, 10'000, 1ms},
        {200, 400, 32, 3000, 10ms},
        {200, 20, 64, 5000, 50ms},
        {200, 200, 64, 5000, 100ms},
        {50, 50, 64, 5000, 1ms},
        {1000, 10, 64, 8000, 2ms},
        {1000, 1000, 128, 8000, 20ms},
        {200, 10, 64, 250, 5ms},
    }));
    const Time::duration lateness = GENERATE(as<Time::duration>(), 0ms, 1ms, 4ms);
    CAPTURE(c.rate, c.burst, c.window, c.most_per_second, c.latency.count(), lateness.count());
    TokenBucket bucket(c.rate, c.burst);
    Sender sender(c.window, c.most_per_second, c.latency, lateness);
    sender.run(60s, [&](Time now) { return bucket.takes(now); });
    CHECK(sender.accepted >= 0.9 * 60 * c.rate);
    CHECK(sender.refused_share() < 0.02);
    sender.run(60s, [&](Time now) { return bucket.takes(now); });
    CHECK(sender.accepted >= 0.95 * 60 * c.rate);
    CHECK(sender.refused_share() < 0.02);
    CHECK(sender.limited == 1);
    CHECK(sender.lifted == 0);
}

TEST_CASE("rate: it counts weight, as the provider does", "[app][rate]") {
    const int weight = GENERATE(2, 5);
    CAPTURE(weight);
    TokenBucket bucket(1000, 100);
    Sender sender(64, 5000, 1ms);
    sender.weight = weight;
    const auto provider = [&](Time now) { return bucket.takes(now, weight); };
    sender.run(60s, provider);
    sender.run(60s, provider);
    CHECK(sender.accepted * weight >= 0.95 * 60 * 1000);
    CHECK(sender.refused_share() < 0.02);
    CHECK(sender.rate.limit(sender.now).value() == Approx(1000).epsilon(0.1));
}

TEST_CASE("rate: refusals of single messages slow nobody down", "[app][rate]") {
    const double share = GENERATE(0.01, 1.0 / 7, 0.25);
    std::mt19937_64 random(5);
    std::bernoulli_distribution refuses(share);
    Sender sender(64, 5000, 1ms);
    sender.run(20s, [&](Time) { return !refuses(random); });
    CAPTURE(share);
    CHECK(sender.accepted > 0.95 * (1 - share) * 20 * 5000);
}

TEST_CASE("rate: a share that stays however slow the sending is slows nobody down for long", "[app][rate]") {
    const double share = GENERATE(0.35, 0.5, 0.7);
    std::mt19937_64 random(5);
    std::bernoulli_distribution refuses(share);
    Sender sender(64, 2000, 1ms);
    const auto provider = [&](Time) { return !refuses(random); };
    sender.run(60s, provider);
    sender.run(20s, provider);
    CAPTURE(share);
    CHECK(sender.accepted > 0.9 * (1 - share) * 20 * 2000);
}

TEST_CASE("rate: a provider that closed for a while is asked seldom, and found open again", "[app][rate]") {
    Sender sender(64, 5000, 1ms);
    sender.run(5s, [](Time) { return true; });
    sender.run(30s, [](Time) { return false; });
    CHECK(sender.refused < 300);
    CHECK(sender.limited == 1);
    sender.run(30s, [](Time) { return true; });
    CHECK_FALSE(sender.rate.limit(sender.now));
    CHECK(sender.lifted == 1);
    sender.run(1s, [](Time) { return true; });
    CHECK(sender.accepted >= 4900);
}

TEST_CASE("rate: a provider that allows more is found to", "[app][rate]") {
    TokenBucket slow(100, 10), fast(400, 10);
    Sender sender(64, 5000, 1ms);
    sender.run(20s, [&](Time now) { return slow.takes(now); });
    sender.run(60s, [&](Time now) { return fast.takes(now); });
    sender.run(20s, [&](Time now) { return fast.takes(now); });
    CHECK(sender.accepted >= 0.9 * 20 * 400);
    CHECK(sender.refused_share() < 0.03);
}

TEST_CASE("rate: after a minute without anything to send it is learned anew", "[app][rate]") {
    TokenBucket bucket(200, 20);
    Sender sender(64, 5000, 1ms);
    sender.run(10s, [&](Time now) { return bucket.takes(now); });
    CHECK(sender.rate.limit(sender.now));
    sender.now += 1min;
    CHECK_FALSE(sender.rate.limit(sender.now));
    sender.run(20s, [&](Time now) { return bucket.takes(now); });
    CHECK(sender.accepted >= 0.8 * 20 * 200);
}
