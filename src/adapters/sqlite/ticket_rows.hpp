#pragma once

#include "job.hpp"

#include "smsbcast/domain/ticket.hpp"

#include <span>
#include <string>
#include <vector>

namespace smsbcast::adapters::sqlite {

struct TicketRow {
    BroadcastId broadcast;
    TicketId id;
    Uuid first_message, last_message;
    std::optional<std::int64_t> queued_at;
    std::optional<Uuid> lease_owner; ///< nobody: it is not taken
    std::int64_t fence = 0;
    std::int64_t left = 0;                  ///< messages not done
    std::optional<std::string> message_ids; ///< of a ticket of retries, one after the other
    bool interrupted = false;               ///< each of its messages may have been sent
    bool at_once = false;                   ///< whoever holds it hands messages over without a begin
    bool begun = false;                     ///< whoever holds it began to hand them over
};

std::optional<TicketRow> find_ticket(Connection& db, TicketId id);

/// The messages that are still in it, in order of id.
std::vector<PendingMessage> messages_of(Connection& db, const TicketRow& ticket);

/// The form in which a ticket of retries holds its list: 16 bytes per id, in order.
std::string join_ids(std::span<const MessageId> ids);

/// The tickets in order, each once.
std::vector<TicketRef> sorted(std::vector<TicketRef> tickets);

} // namespace smsbcast::adapters::sqlite
