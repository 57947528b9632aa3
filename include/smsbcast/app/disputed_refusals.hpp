#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/strong_id.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace smsbcast::app {

struct DisputeOptions {
    std::size_t untried = 3;                   ///< messages refused in a row blame a lane that never worked
    std::size_t worked = 10;                   ///< likewise, a lane that accepted something before
    std::size_t at_once = 50;                  ///< so many do not have to wait for `patience`
    std::chrono::milliseconds patience{1'000}; ///< how long a refusal waits for others to tell whose fault it is
};

/// Finds out whose fault it is when the provider refuses a message and does not say whether it means the message or
/// the account (403, 404, 405): it is the message's when the provider accepts another one afterwards, and the lane's
/// when several different messages in a row meet it and none is accepted between. Pure: time comes in as an argument.
///
/// The caller keeps the refused messages back until there is a finding, then settles all of them by it.
class DisputedRefusals {
public:
    using TimePoint = Deadline::Clock::time_point;

    enum class Finding {
        messages, ///< each was at fault itself
        lane,     ///< none was
        unproven, ///< nothing told in time: too few were refused to blame the lane
    };

    explicit DisputedRefusals(DisputeOptions options) : options_(options) {}

    /// The provider refused a message that was handed to it at `begun`.
    void refused(const MessageId& message, TimePoint begun, TimePoint now);

    /// The provider accepted a message: a run of refusals ends.
    void accepted();

    /// Whether it accepted one that was handed to it at `begun` during the present run, or after it had blamed the
    /// lane: then the run has not been one.
    bool contradicts(TimePoint begun) const { return first_begun_ && begun >= *first_begun_; }

    /// What is true of the messages that wait, and nothing while it is open or none waits. Taking it ends their wait.
    std::optional<Finding> take_finding(TimePoint now);

    /// When take_finding() has something to say at the latest; the end of time while none waits.
    TimePoint decided_by() const;

private:
    bool is_enough(TimePoint now) const;

    DisputeOptions options_;
    bool worked_ = false;
    bool accepted_since_ = false;        ///< since the oldest that waits was refused
    std::vector<MessageId> run_;         ///< different ones, refused since the last acceptance; `at_once` at most
    std::optional<TimePoint> run_since_; ///< when the first of them was refused
    std::optional<TimePoint> first_begun_;
    std::optional<TimePoint> waits_since_; ///< the oldest without a finding
};

} // namespace smsbcast::app
