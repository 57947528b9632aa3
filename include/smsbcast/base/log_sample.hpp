#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>

namespace smsbcast {

/// Which of many equal events is worth a line of the log: the first, and then one every ten seconds at most. A client
/// that does something wrong does it with each of its requests.
class LogSample {
public:
    using Clock = Deadline::Clock;
    static constexpr std::chrono::seconds kPause{10};

    /// Counts one more. True when it is to be logged.
    bool take(Clock::time_point now = Clock::now()) {
        ++seen_;
        if (now < next_)
            return false;
        next_ = now + kPause;
        return true;
    }

    std::uint64_t seen() const { return seen_; }

private:
    std::uint64_t seen_ = 0;
    Clock::time_point next_ = Clock::time_point::min();
};

} // namespace smsbcast
