#pragma once

#include "smsbcast/ports/broadcast_store.hpp"

#include <functional>
#include <string>
#include <vector>

namespace smsbcast::adapters::postgres {

/// The ids of a new broadcast: its messages ascend in the order of its recipients, and each ticket is a range of them.
struct BroadcastLayout {
    explicit BroadcastLayout(const NewBroadcast& broadcast);

    struct Ticket {
        Uuid id, first, last;
        std::int32_t size;
    };
    std::vector<Ticket> tickets;
    Uuid first_message, last_message;
    UuidBlock ids; ///< as it was before the first message: a copy of it gives the same ids again
};

inline constexpr const char* kCopyMessages =
    "COPY messages (id, broadcast_id, ticket_id, phone) FROM STDIN (FORMAT binary)";
inline constexpr const char* kCopyTickets =
    "COPY outbox (id, broadcast_id, first_message, last_message, size) FROM STDIN (FORMAT binary)";

/// Sources for Connection::copy_in. The arguments must outlive them.
std::function<bool(std::string&)> message_rows(const NewBroadcast& broadcast, const BroadcastLayout& layout);
std::function<bool(std::string&)> ticket_rows(const NewBroadcast& broadcast, const BroadcastLayout& layout);

} // namespace smsbcast::adapters::postgres
