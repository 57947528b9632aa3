#include "smsbcast/domain/broadcast.hpp"

#include <algorithm>
#include <numeric>

namespace smsbcast {

namespace {

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
    const bool live = status == running || status == paused;
    switch (command) {
    case BroadcastCommand::pause: return live ? std::optional(paused) : std::nullopt;
    case BroadcastCommand::resume: return live ? std::optional(running) : std::nullopt;
    case BroadcastCommand::cancel:
        if (live)
            return canceling;
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
    return expires_at > now + kMaxExpiry ? std::optional(ExpiryError::too_far) : std::nullopt;
}

} // namespace smsbcast
