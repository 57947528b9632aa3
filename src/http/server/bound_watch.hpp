#pragma once

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace smsbcast::http {

/// Tells the times at which a bound keeps others waiting, from the first of them until it has kept nobody for a while:
/// one line of a log each, however often the bound is met in between.
class BoundWatch {
public:
    using Clock = Deadline::Clock;
    static constexpr std::chrono::seconds kCalm{2};

    /// What there is to say of such a time at its end.
    struct Over {
        Clock::duration lasted{};
        std::size_t most_waiting = 0;
    };

    /// The bound keeps so many waiting. True when this is the beginning.
    bool reached(Clock::time_point now, std::size_t waiting);

    /// Something once, when it is over.
    std::optional<Over> over(Clock::time_point now);

    std::uint64_t times() const { return times_; } ///< that it began

private:
    struct Period {
        Clock::time_point begun, last;
        std::size_t most_waiting = 0;
    };
    std::optional<Period> period_;
    std::uint64_t times_ = 0;
};

} // namespace smsbcast::http
