#pragma once

#include "smsbcast/base/deadline.hpp"

#include <algorithm>
#include <chrono>

namespace smsbcast::adapters::rabbitmq {

/// How long to wait before the next attempt to connect: full jitter, uniform in [0, min(5 s, 100 ms * 2^n)]. Pure.
///
/// Only a connection that has lived for a while counts as a success: one that the broker closes again at once must not
/// be repeated at the first step's pace for ever.
class ReconnectBackoff {
public:
    using Time = Deadline::Clock::time_point;

    static constexpr std::chrono::milliseconds kBase{100};
    static constexpr std::chrono::milliseconds kCap{5000};
    static constexpr std::chrono::seconds kProven{10};

    void on_connected(Time now) { connected_at_ = now; }

    /// After a failed attempt or a lost connection. `fraction` in [0, 1) is the draw.
    std::chrono::milliseconds next(Time now, double fraction) {
        if (connected_at_ != Time{} && now - connected_at_ >= kProven)
            step_ = 0;
        connected_at_ = Time{};
        const auto limit = std::min(kCap, kBase * (1 << step_));
        step_ = std::min(step_ + 1, 6);
        return std::chrono::milliseconds(static_cast<std::int64_t>(fraction * static_cast<double>(limit.count())));
    }

private:
    Time connected_at_{};
    int step_ = 0;
};

} // namespace smsbcast::adapters::rabbitmq
