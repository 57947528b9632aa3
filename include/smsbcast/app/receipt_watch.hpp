#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/ports/housekeeping.hpp"

#include <chrono>
#include <cstdint>

namespace smsbcast::app {

/// Tells when a provider takes messages and no receipt ever comes, which nothing else shows: every message just stays
/// `sent`. Pure: time comes in as an argument.
class ReceiptWatch {
public:
    using TimePoint = Deadline::Clock::time_point;

    static constexpr std::chrono::seconds kInterval{30};
    static constexpr std::int64_t kMany = 1000;

    enum class Sign {
        none,
        missing, ///< once: many were accepted, at two looks in a row, and none of them has a receipt
        arrived, ///< after that
    };

    /// True when it is time to look again. Once there is a receipt it never is.
    bool due(TimePoint now) const { return !known_ && now >= next_; }

    /// Notes a look, made at `now`. Receipts take their time, so one look alone says nothing.
    Sign saw(const ReceiptSigns& signs, TimePoint now) {
        next_ = now + kInterval;
        known_ = signs.any;
        if (known_)
            return reported_ ? Sign::arrived : Sign::none;
        const bool again = suspected_;
        suspected_ = signs.unreceipted >= kMany;
        if (!suspected_ || !again || reported_)
            return Sign::none;
        reported_ = true;
        return Sign::missing;
    }

    /// The look failed.
    void missed(TimePoint now) { next_ = now + kInterval; }

private:
    TimePoint next_ = TimePoint::min();
    bool known_ = false;
    bool suspected_ = false;
    bool reported_ = false;
};

} // namespace smsbcast::app
