#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/message_status.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast {

/// The life of a broadcast. The embedded store keeps the places in this list, so its order must not
/// change.
enum class BroadcastStatus : std::uint8_t {
    running,
    paused,    ///< nothing more is taken until it is resumed
    canceling, ///< nothing more is taken; what waits is being canceled
    canceled,  ///< nothing is left to cancel
    completed, ///< no message is in our hands any more
};

inline constexpr std::array kBroadcastStatuses{BroadcastStatus::running, BroadcastStatus::paused,
                                               BroadcastStatus::canceling, BroadcastStatus::canceled,
                                               BroadcastStatus::completed};

/// The names of the API. parse gives nothing for any other text.
std::string_view to_string(BroadcastStatus status);
std::optional<BroadcastStatus> parse_broadcast_status(std::string_view text);

/// The commands that a user may give for a broadcast.
enum class BroadcastCommand : std::uint8_t { pause, resume, cancel };

std::string_view to_string(BroadcastCommand command);

/// The status after `command`, the same one where there is nothing to do (pause when paused, cancel when canceling or
/// canceled), or nothing where the state forbids it.
std::optional<BroadcastStatus> after(BroadcastStatus status, BroadcastCommand command);

/// Messages per status; the sum is the broadcast's total.
class StatusCounts {
public:
    std::int64_t& operator[](MessageStatus status) { return counts_[static_cast<std::size_t>(status)]; }
    std::int64_t operator[](MessageStatus status) const { return counts_[static_cast<std::size_t>(status)]; }

    std::int64_t total() const;
    /// Messages of which the end is not known yet (is_in_our_hands()); a broadcast completes when
    /// it is 0.
    std::int64_t in_our_hands() const;

    friend bool operator==(const StatusCounts&, const StatusCounts&) = default;

private:
    std::array<std::int64_t, kMessageStatuses.size()> counts_{};
};

enum class ExpiryError : std::uint8_t {
    in_the_past,
    too_far, ///< more than kMaxExpiry ahead
};

inline constexpr std::chrono::days kMaxExpiry{30};

std::string_view code(ExpiryError error);

/// Nothing when a broadcast that is made `now` may expire at `expires_at`. Pure.
std::optional<ExpiryError> check_expiry(Timestamp expires_at, Timestamp now);

/// A broadcast as users see it; total and counts are of one moment.
struct Broadcast {
    BroadcastId id;
    std::optional<std::string> name;
    std::string text;
    BroadcastStatus status = BroadcastStatus::running;
    std::int64_t total = 0;
    StatusCounts counts;
    Timestamp created_at;
    std::optional<Timestamp> expires_at; ///< later than this, none of its messages is handed over
    std::optional<Timestamp> completed_at;
};

} // namespace smsbcast
