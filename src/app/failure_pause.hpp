#pragma once

#include "smsbcast/base/random.hpp"

#include <algorithm>
#include <chrono>

namespace smsbcast::app {

/// How long a loop waits after its `failures`-th failure in a row: 50 ms doubling to 2 s, less up to a half by chance
/// so that replicas which failed together do not come back together.
inline std::chrono::milliseconds failure_pause(int failures, double fraction = random_fraction()) {
    const int doublings = std::clamp(failures - 1, 0, 6);
    const auto longest = std::min(std::chrono::milliseconds(50 << doublings), std::chrono::milliseconds(2000));
    return std::chrono::milliseconds(
        static_cast<std::int64_t>(static_cast<double>(longest.count()) * (1 - fraction / 2)));
}

} // namespace smsbcast::app
