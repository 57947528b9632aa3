#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>

namespace smsbcast {

/// Decides which of many equal events is worth a log line: the first, and then one every ten
/// seconds at most. A client that does something wrong does it with each of its requests. It is not
/// thread-safe.
class LogSample {
public:
    using Clock = Deadline::Clock;
    static constexpr std::chrono::seconds kPause{10};

    /// Counts one more event. True when it is to be logged.
    bool take(Clock::time_point now = Clock::now()) {
        ++seen_;
        if (now < next_)
            return false;
        next_ = now + kPause;
        return true;
    }

    /// All events so far, those that were not logged included.
    std::uint64_t seen() const { return seen_; }

private:
    std::uint64_t seen_ = 0;
    Clock::time_point next_ = Clock::time_point::min();
};

} // namespace smsbcast
