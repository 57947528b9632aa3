#include "adaptive_rate.hpp"

#include <algorithm>

namespace smsbcast::app {

namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

constexpr milliseconds kDefaultPause{1000};
constexpr milliseconds kLongestPause{60'000};

// Rates in submissions a second. Less than the least would not find the provider's return in a useful time.
constexpr double kLeastRate = 1;
constexpr double kDecrease = 0.5;
constexpr double kIncrease = 0.1;
constexpr double kUnlimited = 2;

constexpr Seconds kBurst{0.05};
constexpr std::chrono::seconds kMeasured{1};

AdaptiveRate::TimePoint later(AdaptiveRate::TimePoint time, Seconds by) {
    return time + std::chrono::duration_cast<Deadline::Clock::duration>(by);
}

} // namespace

std::optional<double> AdaptiveRate::limit(TimePoint now) const {
    if (!limit_)
        return std::nullopt;
    const double seconds = std::max(0.0, Seconds(now - limit_->since).count());
    const double rate = std::max(kLeastRate, kDecrease * limit_->too_fast) +
                        std::max(kLeastRate, kIncrease * limit_->too_fast) * seconds;
    return rate < kUnlimited * limit_->too_fast ? std::optional(rate) : std::nullopt;
}

AdaptiveRate::TimePoint AdaptiveRate::opens_at(TimePoint now) const {
    if (now < paused_until_)
        return paused_until_;
    const auto rate = limit(now);
    if (!rate)
        return now;
    const Seconds between(1 / *rate);
    return later(next_token_, -std::max(Seconds(0), kBurst - between));
}

AdaptiveRate::Start AdaptiveRate::begin(TimePoint now) {
    if (limit_) {
        if (const auto rate = limit(now))
            next_token_ = later(std::max(next_token_, now), Seconds(1 / *rate));
        else
            limit_.reset();
    }
    measure(now);
    ++count_;
    return {era_, before_->at, before_->count};
}

// Leaves in before_ how much had gone out one to two seconds ago; or since the pause, or since it went on after a rest.
void AdaptiveRate::measure(TimePoint now) {
    const Measure present{now, count_};
    if (!last_ || last_->at < paused_until_ || now - last_->at >= 2 * kMeasured) {
        before_ = last_ = present;
    } else if (now - last_->at >= kMeasured) {
        before_ = last_;
        last_ = present;
    }
}

bool AdaptiveRate::throttled(const Start& start, milliseconds retry_after, TimePoint now) {
    const auto pause = std::min(retry_after.count() > 0 ? retry_after : kDefaultPause, kLongestPause);
    const bool decreases = start.era == era_;
    if (decreases)
        limit_ = Limit{going_rate(start, now), now};
    paused_until_ = std::max(paused_until_, now + pause);
    if (limit_)
        limit_->since = paused_until_;
    if (decreases) {
        next_token_ = paused_until_;
        ++era_;
    }
    return decreases;
}

// Under a limit too little time may have passed to measure; then it is the limit.
double AdaptiveRate::going_rate(const Start& start, TimePoint now) const {
    const auto time = now - start.measured_since;
    double rate = static_cast<double>(count_ - start.count_then) / std::max(Seconds(kMeasured), Seconds(time)).count();
    if (const auto limited = limit(now))
        rate = time < kMeasured ? *limited : std::min(rate, *limited);
    return std::max(kLeastRate, rate);
}

} // namespace smsbcast::app
