#include "smsbcast/app/queue_depth.hpp"

#include <algorithm>
#include <cmath>

namespace smsbcast::app {

namespace {
// Long enough that a worker which takes its whole prefetch at once does not look fast, short enough that the queue is
// deep before it runs dry.
constexpr double kMemorySeconds = 1.0;
} // namespace

std::int64_t QueueDepth::room(std::int64_t queued) const {
    const std::int64_t free = target() - queued;
    return free * 4 >= target() ? free : 0;
}

void QueueDepth::observe(TimePoint now, std::int64_t published, std::int64_t queued) {
    published_ += published;
    if (!last_) {
        last_ = now;
    } else {
        const double seconds = std::chrono::duration<double>(now - *last_).count();
        if (seconds <= 0)
            return;
        // Other relays put in as well, so the difference can be negative.
        const auto taken = static_cast<double>(std::max<std::int64_t>(0, last_queued_ + published_ - queued));
        taken_per_second_ += (1 - std::exp(-seconds / kMemorySeconds)) * (taken / seconds - taken_per_second_);
        last_ = now;
    }
    last_queued_ = queued;
    published_ = 0;
}

std::int64_t QueueDepth::target() const {
    const double ahead = std::chrono::duration<double>(options_.ahead).count();
    const double wanted = std::min(taken_per_second_ * ahead, static_cast<double>(options_.max_messages));
    return std::clamp(static_cast<std::int64_t>(wanted), options_.min_messages,
                      std::max(options_.min_messages, options_.max_messages));
}

} // namespace smsbcast::app
