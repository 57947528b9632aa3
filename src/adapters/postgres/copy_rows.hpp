#pragma once

#include "smsbcast/domain/ticket_plan.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace smsbcast::adapters::postgres {

/// All tickets of a new broadcast. Two tables are filled one after the other, so they are needed twice.
std::vector<PlannedTicket> tickets_of(const NewBroadcast& broadcast);

inline constexpr const char* kCopyMessages =
    "COPY messages (id, broadcast_id, ticket_id, phone) FROM STDIN (FORMAT binary)";
inline constexpr const char* kCopyTickets =
    "COPY outbox (id, broadcast_id, first_message, last_message, size) FROM STDIN (FORMAT binary)";

/// Sources for Connection::copy_in. The arguments must outlive them.
std::function<bool(std::string&)> message_rows(const NewBroadcast& broadcast,
                                               const std::vector<PlannedTicket>& tickets);
std::function<bool(std::string&)> ticket_rows(const NewBroadcast& broadcast, const std::vector<PlannedTicket>& tickets);

} // namespace smsbcast::adapters::postgres
