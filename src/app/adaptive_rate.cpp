#include "smsbcast/app/adaptive_rate.hpp"

#include <algorithm>
#include <cmath>

namespace smsbcast::app {

namespace {

using Seconds = std::chrono::duration<double>;
using std::chrono::milliseconds;

// Less than the least would not find the provider's return in a useful time.
constexpr double kLeastRate = 1;
// More than one worker sends: a limit that grew to this while nothing was refused, or nothing was sent, is none.
constexpr double kNoLimit = 100'000;
// What began late is caught up with: a timer wakes late on a busy machine, and that is no reason to send less.
constexpr Seconds kCaughtUp{0.02};
constexpr double kPartCaughtUp = 0.5; // of the time between two

// A share above this one is throttling at once, with so many answers to its average.
constexpr double kLargeShare = 0.4;
constexpr double kAveraged = 32;
// One above this is tried out: after a second of many answers the rate becomes what was accepted.
constexpr double kNoticedShare = 0.08;
constexpr int kManyAnswers = 50;
constexpr std::chrono::seconds kNoticing{1};

// Under a limit a period tells: with more than a few in a hundred refused the rate was too fast.
constexpr double kTolerated = 0.03;
constexpr milliseconds kPeriod{300};
constexpr milliseconds kLongestPeriod{5000};
constexpr int kEnoughAnswers = 20;
constexpr double kKept = 0.98;     // of what was accepted
constexpr double kFarBelow = 0.1;  // what the limit began with: the throttling may pass as it came
constexpr double kStepBack = 0.97; // of a rate at which few were refused: a bucket without depth halves what is beyond
constexpr double kFirstKept = 0.5; // likewise, where it may have been a burst
// The first periods after a burst end as soon as so many show that the rate is far too fast.
constexpr int kMaxCutShort = 3;
constexpr int kClearlyThrottled = 16;
constexpr double kMost = 0.5;
constexpr Seconds kShortest{0.02};
constexpr Seconds kBurstLasts{0.3};
constexpr double kFewLate = 0.5; // more of them late: the limit is not what makes them few

// While searching the rate doubles with each kDoubles. Else it grows by kGrowth of itself a second, so that the
// provider's rate is overstepped by little; when that has met no refusal for long, the growth doubles as well, and once
// the rate is so far beyond what it was, the provider's rate is not near any more.
constexpr Seconds kDoubles{0.5};
constexpr Seconds kDoublesSlowly{2};
constexpr double kGrowth = 0.005;
constexpr Seconds kPatience{2};
constexpr Seconds kAccelerates{1.5};
constexpr double kFarBeyond = 1.6;
constexpr double kMaxDoublings = 30; // so that nothing overflows while nothing is sent

// Futile: so many periods in a row have not brought the share down.
constexpr int kFutilePeriods = 4;
constexpr double kNoQuota = 0.9; // a provider that refuses nearly all of them has closed for a while

double doubled(double times) {
    return std::exp2(std::min(times, kMaxDoublings));
}

double careful_growth(double seconds) {
    const double steady = 1 + kGrowth * std::min(seconds, kPatience.count());
    const double late = std::max(0.0, seconds - kPatience.count()) / kAccelerates.count();
    constexpr double kLn2 = 0.693;
    return steady + kGrowth * kAccelerates.count() / kLn2 * (doubled(late) - 1);
}

AdaptiveRate::TimePoint later(AdaptiveRate::TimePoint time, Seconds by) {
    return time + std::chrono::duration_cast<Deadline::Clock::duration>(by);
}

} // namespace

double AdaptiveRate::Period::accepted_per_second(TimePoint now, Seconds least) const {
    return accepted_weight / std::max(least, Seconds(now - since)).count();
}

double AdaptiveRate::growth_after(Growth growth, double seconds) {
    switch (growth) {
    case Growth::quick: return doubled(seconds / kDoubles.count());
    case Growth::medium: return doubled(seconds / kDoublesSlowly.count());
    case Growth::careful: break;
    }
    return careful_growth(seconds);
}

std::optional<double> AdaptiveRate::limit(TimePoint now) const {
    if (!limit_)
        return std::nullopt;
    const double time = std::max(0.0, Seconds(now - limit_->since).count());
    const double rate = std::max(kLeastRate, limit_->rate * growth_after(limit_->growth, time));
    return rate < kNoLimit ? std::optional(rate) : std::nullopt;
}

AdaptiveRate::TimePoint AdaptiveRate::opens_at(TimePoint now) const {
    return limit(now) ? next_token_ : now;
}

AdaptiveRate::Start AdaptiveRate::begin(TimePoint now, int weight) {
    if (const auto rate = limit(now)) {
        const Seconds between(weight / *rate);
        const TimePoint least = later(now, -std::max(kCaughtUp, kPartCaughtUp * between));
        ++period_.begun;
        period_.late += next_token_ < least ? 1 : 0;
        next_token_ = later(std::max(next_token_, least), between);
    }
    return {epoch_, weight};
}

AdaptiveRate::Change AdaptiveRate::end(const Start& start, bool throttled, TimePoint now) {
    if (start.epoch != epoch_)
        return Change::none;
    share_ += ((throttled ? 1.0 : 0.0) - share_) / kAveraged;
    if (period_.answered == 0)
        period_.since = now;
    ++period_.answered;
    period_.throttled += throttled ? 1 : 0;
    period_.accepted_weight += throttled ? 0 : start.weight;
    return limit_ ? judge_limited(now) : judge_unlimited(now);
}

AdaptiveRate::Change AdaptiveRate::judge_unlimited(TimePoint now) {
    if (share_ > kLargeShare + usual_share_)
        return begin_limit(kFirstKept * period_.accepted_per_second(now, kBurstLasts), Growth::quick, now);
    if (now - period_.since < kNoticing)
        return Change::none;
    const double beyond = period_.share() - usual_share_;
    if (period_.answered >= kManyAnswers && beyond > kNoticedShare)
        return begin_limit(kKept * period_.accepted_per_second(now, kBurstLasts), Growth::careful, now);
    if (period_.answered >= kManyAnswers)
        usual_share_ += std::min(0.0, beyond) / 2;
    period_ = {};
    return Change::none;
}

AdaptiveRate::Change AdaptiveRate::begin_limit(double rate, Growth growth, TimePoint now) {
    limit_ = Limit();
    limit_->first = rate;
    set_rate(rate, growth, now);
    return Change::limited;
}

bool AdaptiveRate::period_is_over(TimePoint now) const {
    const auto time = now - period_.since;
    return (time >= kPeriod && period_.answered >= kEnoughAnswers) || time >= kLongestPeriod;
}

bool AdaptiveRate::limit_binds() const {
    return period_.late <= kFewLate * period_.begun;
}

AdaptiveRate::Change AdaptiveRate::judge_limited(TimePoint now) {
    const auto grown = limit(now);
    if (!grown)
        return lift(0);
    const double present = *grown;
    if (limit_->growth == Growth::careful && present > kFarBeyond * limit_->rate)
        *limit_ = {.rate = present, .since = now, .growth = Growth::quick, .first = limit_->first};
    const double share = period_.share();
    if (!period_is_over(now)) {
        const bool hopeless = period_.throttled >= kClearlyThrottled && share > kMost + usual_share_;
        if (hopeless && limit_->cut_short++ < kMaxCutShort)
            decrease(Growth::medium, now);
        return Change::none;
    }
    if (share <= kTolerated + usual_share_) {
        if (limit_->growth == Growth::quick && !limit_binds())
            return lift(0);
        limit_->unclean = limit_->cut_short = 0;
        limit_->clean = limit_->growth == Growth::careful ? present : 0;
        period_ = {};
    } else if (++limit_->unclean >= kFutilePeriods && share < kNoQuota) {
        return lift(share);
    } else {
        decrease(Growth::careful, now);
    }
    return Change::none;
}

void AdaptiveRate::decrease(Growth growth, TimePoint now) {
    const double present = limit(now).value_or(kLeastRate);
    const double accepted = limit_binds() ? std::min(present, period_.accepted_per_second(now, kShortest))
                                          : present * (1 - period_.share());
    const double rate = std::max({kLeastRate, kKept * accepted, kStepBack * limit_->clean});
    if (rate <= kLeastRate)
        growth = Growth::quick;
    else if (rate < kFarBelow * limit_->first)
        growth = Growth::medium;
    set_rate(rate, growth, now);
}

AdaptiveRate::Change AdaptiveRate::lift(double usual_share) {
    limit_.reset();
    usual_share_ = usual_share;
    share_ = usual_share;
    period_ = {};
    return Change::lifted;
}

void AdaptiveRate::set_rate(double rate, Growth growth, TimePoint now) {
    limit_->rate = std::max(kLeastRate, rate);
    limit_->since = now;
    limit_->growth = growth;
    limit_->clean = 0;
    next_token_ = later(now, Seconds(1 / limit_->rate));
    period_ = {};
    ++epoch_;
}

} // namespace smsbcast::app
