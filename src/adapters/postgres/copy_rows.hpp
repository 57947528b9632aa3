#pragma once

#include "smsbcast/domain/phone_number.hpp"
#include "smsbcast/domain/ticket_plan.hpp"

#include <functional>
#include <string>
#include <vector>

namespace smsbcast::adapters::postgres {

inline constexpr const char* kCopyMessages =
    "COPY messages (id, broadcast_id, ticket_id, phone) FROM STDIN (FORMAT binary)";
inline constexpr const char* kCopyTickets =
    "COPY outbox (id, broadcast_id, first_message, last_message, size) FROM STDIN (FORMAT binary)";

/// Sources for Connection::copy_in: the messages and the tickets of one piece of a new broadcast. The lists must
/// outlive them.
std::function<bool(std::string&)> message_rows(BroadcastId broadcast, const std::vector<PhoneNumber>& recipients,
                                               const std::vector<PlannedTicket>& tickets);
std::function<bool(std::string&)> ticket_rows(BroadcastId broadcast, const std::vector<PlannedTicket>& tickets);

} // namespace smsbcast::adapters::postgres
