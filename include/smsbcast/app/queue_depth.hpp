#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace smsbcast::app {

struct QueueDepthOptions {
    std::int64_t min_messages = 1000;
    std::int64_t max_messages = 20000;
    std::chrono::milliseconds ahead{500}; ///< how much sending time lies in the queue
};

/// Decides how many messages may lie in the queue, so that it holds `ahead` of sending at the speed at which workers
/// take it, within the bounds. A shallow queue keeps pause, cancel and a small urgent broadcast from waiting behind a
/// million others. Pure; stepped by the relay.
class QueueDepth {
public:
    using TimePoint = Deadline::Clock::time_point;

    explicit QueueDepth(QueueDepthOptions options) : options_(options) {}

    /// Room for more messages, given what lies in the queue now. 0 while more than three quarters are full, so that the
    /// queue is refilled in a few large turns rather than ticket by ticket.
    std::int64_t room(std::int64_t queued) const;

    /// What this relay put in since the last look, and what lies there now: the difference was taken.
    void observe(TimePoint now, std::int64_t published, std::int64_t queued);

    std::int64_t target() const;

private:
    QueueDepthOptions options_;
    std::optional<TimePoint> last_;
    std::int64_t last_queued_ = 0;
    std::int64_t published_ = 0; ///< since last_
    double taken_per_second_ = 0;
};

} // namespace smsbcast::app
