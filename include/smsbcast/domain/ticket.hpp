#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/phone_number.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast {

/// Names one attempt at one ticket: what travels over the queue. `fence` is the fencing token of everything that a
/// worker writes: it counts how often the ticket was taken, and a write under an earlier count changes nothing.
struct TicketRef {
    TicketId id;
    int fence = 0;

    friend auto operator<=>(const TicketRef&, const TicketRef&) = default;
};

/// A message that is to be submitted.
struct PendingMessage {
    MessageId id;
    PhoneNumber phone = PhoneNumber::from_digits(0);
    int attempts = 0;            ///< spent so far
    int key_generation = 0;      ///< of its idempotency key; moves on after a definite "not taken"
    bool maybe_sent = false;     ///< an earlier attempt ended without an answer
    bool refused_before = false; ///< the last attempt met a refusal that may have been meant for this message
};

/// Up to 1000 messages of one broadcast that travel together, held under a lease.
struct TakenTicket {
    TicketRef ref; ///< with the attempt that the taking began
    BroadcastId broadcast;
    std::shared_ptr<const std::string> text; ///< shared by the tickets of one broadcast
    std::vector<PendingMessage> messages;
    std::optional<std::chrono::milliseconds> expires_in{}; ///< of a broadcast with a deadline, when it was taken
};

/// The idempotency key of a submission: the same bytes for as long as the provider may have taken the message.
std::string idempotency_key(const MessageId& id, int key_generation);

} // namespace smsbcast
