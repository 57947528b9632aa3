#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace smsbcast::app {

/// Decides how fast messages go out to a provider that throttles: a pause for as long as it asks, then half the rate
/// that was too fast, a tenth of that rate more with every second, and no limit any more at twice that rate. Without
/// throttling there is no limit. Pure: time comes in as an argument.
class AdaptiveRate {
public:
    using TimePoint = Deadline::Clock::time_point;

    /// A submission that began: how much had gone out a while before, and in which era. Each decrease begins an era,
    /// and what began before it does not decrease the rate again.
    struct Start {
        std::uint64_t era = 0;
        TimePoint measured_since{};
        std::uint64_t count_then = 0;
    };

    /// When the next submission may begin: at once when that is not later than `now`. Asking costs nothing.
    TimePoint opens_at(TimePoint now) const;

    /// A submission begins, which opens_at() allowed.
    Start begin(TimePoint now);

    /// The provider asked it to slow down: nothing goes out for `retry_after` (1 s when that is 0, 60 s at most). True
    /// when that decreased the rate as well.
    bool throttled(const Start& start, std::chrono::milliseconds retry_after, TimePoint now);

    /// Submissions a second; none while there is no limit.
    std::optional<double> limit(TimePoint now) const;

    /// Nothing goes out before.
    TimePoint paused_until() const { return paused_until_; }

private:
    struct Limit {
        double too_fast; ///< the rate that was throttled
        TimePoint since; ///< grows from then on
    };
    struct Measure {
        TimePoint at{};
        std::uint64_t count = 0;
    };

    void measure(TimePoint now);
    double going_rate(const Start& start, TimePoint now) const;

    std::optional<Limit> limit_;
    std::uint64_t era_ = 0;
    TimePoint paused_until_ = TimePoint::min();
    TimePoint next_token_ = TimePoint::min(); ///< when it would come if no burst were allowed
    std::uint64_t count_ = 0;                 ///< of submissions
    std::optional<Measure> last_, before_;    ///< one second and more apart
};

} // namespace smsbcast::app
