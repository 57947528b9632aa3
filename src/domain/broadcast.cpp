#include "smsbcast/domain/broadcast.hpp"

#include <algorithm>
#include <numeric>

namespace smsbcast {

namespace {

// The names are those of the API and of PostgreSQL's enum; the order is that of BroadcastStatus, by
// which both are looked up.
constexpr std::array<std::string_view, kBroadcastStatuses.size()> kBroadcastStatusNames{
    "running", "paused", "canceling", "canceled", "completed"};

} // namespace

std::string_view to_string(BroadcastStatus status) {
    return kBroadcastStatusNames[static_cast<std::size_t>(status)];
}

std::optional<BroadcastStatus> parse_broadcast_status(std::string_view text) {
    const auto at = std::find(kBroadcastStatusNames.begin(), kBroadcastStatusNames.end(), text);
    if (at == kBroadcastStatusNames.end())
        return std::nullopt;
    return kBroadcastStatuses[static_cast<std::size_t>(at - kBroadcastStatusNames.begin())];
}

std::string_view to_string(BroadcastCommand command) {
    switch (command) {
    case BroadcastCommand::pause: return "pause";
    case BroadcastCommand::resume: return "resume";
    case BroadcastCommand::cancel: return "cancel";
    }
    return "cancel";
}

std::optional<BroadcastStatus> after(BroadcastStatus status, BroadcastCommand command) {
    using enum BroadcastStatus;
    // A broadcast that is being canceled cannot be paused or resumed: its messages are leaving
    // their tickets already.
    const bool live = status == running || status == paused;
    switch (command) {
    case BroadcastCommand::pause: return live ? std::optional(paused) : std::nullopt;
    case BroadcastCommand::resume: return live ? std::optional(running) : std::nullopt;
    case BroadcastCommand::cancel:
        // Cancel leads to `canceling` first, since workers may still hold tickets. The sweeper ends
        // it when none is left.
        if (live)
            return canceling;
        // A second cancel succeeds, so a client may repeat it after a lost answer. A completed
        // broadcast has nothing left to cancel, and saying so would be untrue.
        return status == completed ? std::nullopt : std::optional(status);
    }
    return std::nullopt;
}

std::int64_t StatusCounts::total() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

std::int64_t StatusCounts::in_our_hands() const {
    std::int64_t sum = 0;
    for (const auto status : kMessageStatuses)
        // Unknown messages count as ours: until their time is up, a receipt may still change them.
        if (is_in_our_hands(status))
            sum += (*this)[status];
    return sum;
}

std::string_view code(ExpiryError error) {
    return error == ExpiryError::in_the_past ? "in_the_past" : "too_far";
}

std::optional<ExpiryError> check_expiry(Timestamp expires_at, Timestamp now) {
    if (expires_at <= now)
        return ExpiryError::in_the_past;
    // A deadline in the far future is mostly a wrong unit; a bound shows the mistake when it is
    // made.
    return expires_at > now + kMaxExpiry ? std::optional(ExpiryError::too_far) : std::nullopt;
}

} // namespace smsbcast
