#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <optional>

namespace smsbcast::app {

/// Tells when something that waits to be stored has got nowhere for too long. Pure: time comes in as an argument.
class Headway {
public:
    using TimePoint = Deadline::Clock::time_point;

    static constexpr std::chrono::seconds kTooLong{10};

    /// Something waits, and is about to be tried.
    void waits(TimePoint now) {
        if (!since_)
            since_ = now;
    }

    /// Some of it got through, or nothing waits any more.
    void moved() { since_.reset(); }

    bool stalled(TimePoint now) const { return since_ && now - *since_ >= kTooLong; }

private:
    std::optional<TimePoint> since_; ///< nothing has got through since then
};

} // namespace smsbcast::app
