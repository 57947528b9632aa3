#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>
#include <limits>

namespace smsbcast::http {

/// Learns whether an origin keeps its connections, and for how many answers. Decides only.
///
/// Peers exist that close a connection after an answer, or after some, without saying so. Whoever uses such a
/// connection again loses the request: it was written, and nobody can tell whether it was read. So nothing is taken on
/// trust: a further use is first tried with one connection, and only what went well is allowed to all others. A loss
/// takes back what had been allowed and forbids further trials for a while, which grows with each loss.
class ReusePolicy {
public:
    using Time = Deadline::Clock::time_point;

    /// A connection that is open between two requests.
    struct Kept {
        std::uint32_t answers = 0;         ///< that came on it
        std::chrono::milliseconds idle{0}; ///< since the last of them
    };

    enum class Use : std::uint8_t {
        none,   ///< not to be used
        free,   ///< has been seen to go well
        first,  ///< goes well with other connections, but this one was not yet used again
        trial,  ///< no connection has been used that often
        settle, ///< as `trial`, once it has been idle for the settling time
    };

    enum class Outcome : std::uint8_t {
        answered, ///< something of the answer came
        lost,     ///< it ended before a byte of the answer
        other,
    };

    /// `settle` is the time that a connection which nobody vouches for must have lain open before
    /// it is tried. A connection that the peer closes right after its answer is noticed within this
    /// time.
    explicit ReusePolicy(std::chrono::milliseconds settle) : settle_(settle) {}

    Use judge(Kept connection, Time now) const;

    /// Every use begins and ends; what began as `settle` ends as `trial`. That of a new connection, which is `none`,
    /// teaches nothing.
    void begin(Use use);

    /// The peer closed it in time, so that nothing is lost.
    void found_closed(Kept connection, Time now);

    /// True when the origin has just lost its trust.
    bool end(Use use, Kept connection, Outcome outcome, Time now);

private:
    void went_well(Use use, Kept connection, Time now);
    bool lose(Kept connection, Time now);
    bool pause(Time now);

    static constexpr auto kAny = std::numeric_limits<std::uint32_t>::max();

    std::chrono::milliseconds settle_;
    std::uint32_t free_below_ = 1; // answers of a connection that may be used again without a trial
    bool trial_runs_ = false;
    std::uint32_t first_window_ = 1; // at once
    std::uint32_t first_run_ = 0;
    bool must_settle_ = true;
    Time no_trial_before_ = Time::min();
    std::chrono::milliseconds pause_{0};
    std::chrono::milliseconds most_idle_ = std::chrono::milliseconds::max();
    Time most_idle_until_ = Time::min();
};

} // namespace smsbcast::http
