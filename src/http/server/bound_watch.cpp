#include "bound_watch.hpp"

#include <algorithm>

namespace smsbcast::http {

bool BoundWatch::reached(Clock::time_point now, std::size_t waiting) {
    const bool begins = !period_;
    if (begins) {
        period_ = Period{now, now, 0};
        ++times_;
    }
    period_->last = now;
    period_->most_waiting = std::max(period_->most_waiting, waiting);
    return begins;
}

std::optional<BoundWatch::Over> BoundWatch::over(Clock::time_point now) {
    if (!period_ || now - period_->last < kCalm)
        return std::nullopt;
    const Over over{period_->last - period_->begun, period_->most_waiting};
    period_.reset();
    return over;
}

} // namespace smsbcast::http
