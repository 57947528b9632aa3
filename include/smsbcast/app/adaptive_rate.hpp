#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace smsbcast::app {

/// Decides how fast messages go out to a provider that throttles. Single refusals change nothing, since they may mean
/// their recipients: what counts is the share of all answers. Once that is large, the rate becomes what the provider
/// accepted, and from then on it is found by trying: a little more with every second, a little less than what was
/// accepted as soon as a few in a hundred are refused, and no limit any more when there is nothing that it holds up.
/// Where the share stays the same however slow the sending is, it has nothing to do with the rate, and the limit goes.
///
/// A submission has a weight: what the provider counts it as, 1 or more. Rates are weight a second; shares are of
/// answers, whatever their weight. Pure: time comes in as an argument.
class AdaptiveRate {
public:
    using TimePoint = Deadline::Clock::time_point;

    /// A submission that began. What began before the rate was decreased says nothing of the present rate.
    struct Start {
        std::uint64_t epoch = 0;
        int weight = 1;
    };

    enum class Change {
        none,
        limited, ///< there is a limit from now on
        lifted,  ///< there is none any more
    };

    /// When the next submission may begin: at once when that is not later than `now`. Asking costs nothing.
    TimePoint opens_at(TimePoint now) const;

    /// A submission begins, which opens_at() allowed. The heavier it is, the longer the next one waits.
    Start begin(TimePoint now, int weight = 1);

    /// Its end: `throttled` when the provider asked to try it later.
    Change end(const Start& start, bool throttled, TimePoint now);

    /// None while there is no limit. One that nothing has met for about half a minute is none any more.
    std::optional<double> limit(TimePoint now) const;

private:
    /// The answers to what began at the present rate, since the first of them came.
    struct Period {
        int answered = 0;
        int throttled = 0;
        int accepted_weight = 0; ///< of the answered ones that were not throttled
        TimePoint since{};
        int begun = 0; ///< submissions
        int late = 0;  ///< those that could have begun so much earlier that it is not the limit that held them up

        double share() const { return static_cast<double>(throttled) / answered; }
        /// Over `least` where it came within less: a burst is no rate.
        double accepted_per_second(TimePoint now, std::chrono::duration<double> least) const;
    };

    enum class Growth {
        quick,   ///< the provider's rate is not near, as far as is known: it doubles within half a second
        medium,  ///< it was measured within a moment
        careful, ///< it is near
    };

    struct Limit {
        double rate{};     ///< at `since`
        TimePoint since{}; ///< grows from then on
        Growth growth{};
        double first{};    ///< what it began with
        int unclean = 0;   ///< periods in a row in which too many were refused
        int cut_short = 0; ///< periods that were ended early, since most were refused
        double clean = 0;  ///< the rate at the end of the last period in which few were, if that was the last one
    };

    static double growth_after(Growth growth, double seconds);
    bool period_is_over(TimePoint now) const;
    bool limit_binds() const;
    Change judge_unlimited(TimePoint now);
    Change judge_limited(TimePoint now);
    Change begin_limit(double rate, Growth growth, TimePoint now);
    Change lift(double usual_share);
    void decrease(Growth growth, TimePoint now);
    void set_rate(double rate, Growth growth, TimePoint now);

    double share_ = 0;       ///< of throttled answers, moving
    double usual_share_ = 0; ///< that has nothing to do with the rate
    Period period_;
    std::optional<Limit> limit_;
    std::uint64_t epoch_ = 0;
    TimePoint next_token_ = TimePoint::min(); ///< when the next submission may begin
};

} // namespace smsbcast::app
