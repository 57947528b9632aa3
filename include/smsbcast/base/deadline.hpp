#pragma once

#include <algorithm>
#include <chrono>

namespace smsbcast {

/// A point of the monotonic clock after which a call gives up. Passed down unchanged, so that nested waits share one
/// budget.
class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    constexpr explicit Deadline(Clock::time_point at) : at_(at) {}

    static Deadline after(Clock::duration budget) { return Deadline(Clock::now() + budget); }

    Clock::time_point at() const { return at_; }
    bool passed() const { return Clock::now() >= at_; }

    /// The time that is left, never negative, so it can be given to a timer or to poll().
    Clock::duration left() const { return std::max(at_ - Clock::now(), Clock::duration::zero()); }

    friend Deadline earlier(Deadline a, Deadline b) { return a.at_ < b.at_ ? a : b; }

private:
    Clock::time_point at_;
};

} // namespace smsbcast
