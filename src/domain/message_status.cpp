#include "smsbcast/domain/message_status.hpp"

#include <algorithm>

namespace smsbcast {

namespace {

using enum MessageStatus;
using enum Actor;

// The table is the one place that says which moves exist. The SQL guards repeat it, and a test
// walks the whole matrix against both stores.
constexpr auto kTransitions = std::to_array<Transition>({
    {pending, queued, relay},      // the broker confirmed the ticket
    {queued, pending, relay},      // the broker lost it, or its broadcast is paused
    {pending, sending, worker},    // taken before the confirm was written down
    {queued, sending, worker},     // taken
    {sending, pending, worker},    // retried later, or given back
    {sending, pending, sweeper},   // the lease ran out
    {sending, sent, worker},       // accepted
    {sending, failed, worker},     // rejected, or attempts used up
    {sending, unknown, worker},    // no answer tells
    {sending, unknown, sweeper},   // the lease ran out after messages may have gone out
    {unknown, sent, worker},       // the answer was known to a worker that could not write it in time
    {unknown, failed, sweeper},    // no receipt came in time
    {unknown, sent, sweeper},      // likewise, of one that the provider took without naming an id
    {pending, delivered, receipt}, // after an attempt that ended without an answer
    {pending, failed, receipt},     {queued, delivered, receipt},
    {queued, failed, receipt},      {sending, delivered, receipt}, // faster than the worker's own write
    {sending, failed, receipt},     {unknown, delivered, receipt},
    {unknown, failed, receipt},     {sent, delivered, receipt},
    {sent, failed, receipt},        {failed, delivered, receipt}, // a late receipt may only improve
    {pending, unknown, sweeper},    {queued, unknown, sweeper},   // canceled or expired, but perhaps sent before
    {pending, canceled, sweeper},   {queued, canceled, sweeper},
    {pending, expired, sweeper},    {queued, expired, sweeper},
    {pending, suppressed, sweeper}, {queued, suppressed, sweeper},
});

// The names are those of the API and of PostgreSQL's enum; the order is that of MessageStatus.
constexpr std::array<std::string_view, kMessageStatuses.size()> kMessageStatusNames{
    "pending", "queued", "sending", "sent", "unknown", "delivered", "failed", "canceled", "expired", "suppressed"};

} // namespace

std::string_view to_string(MessageStatus status) {
    return kMessageStatusNames[static_cast<std::size_t>(status)];
}

std::optional<MessageStatus> parse_message_status(std::string_view text) {
    const auto at = std::find(kMessageStatusNames.begin(), kMessageStatusNames.end(), text);
    if (at == kMessageStatusNames.end())
        return std::nullopt;
    return kMessageStatuses[static_cast<std::size_t>(at - kMessageStatusNames.begin())];
}

std::span<const Transition> transitions() {
    return kTransitions;
}

bool may_move(MessageStatus from, MessageStatus to, Actor actor) {
    // Some thirty rows are searched in a moment, and a table in this form stays readable.
    return std::any_of(kTransitions.begin(), kTransitions.end(), [&](const Transition& transition) {
        return transition.from == from && transition.to == to && transition.actor == actor;
    });
}

bool is_final(MessageStatus status) {
    switch (status) {
    case delivered:
    case failed:
    case canceled:
    case expired:
    case suppressed: return true;
    default: return false;
    }
}

// `sent` is not ours: whether a receipt comes is up to the provider, and a broadcast does not wait
// for it.
bool is_in_our_hands(MessageStatus status) {
    return status == pending || status == queued || status == sending || status == unknown;
}

bool is_stored(MessageStatus status) {
    return status != queued && status != sending;
}

} // namespace smsbcast
