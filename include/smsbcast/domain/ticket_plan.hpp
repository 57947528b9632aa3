#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/base/uuid.hpp"

#include <cstddef>
#include <vector>

namespace smsbcast {

/// A ticket of a new broadcast. Its messages are those of neighbouring recipients, and their ids one ascending range.
struct PlannedTicket {
    TicketId id;
    std::size_t from = 0;            ///< the place of its first recipient in the piece
    std::vector<MessageId> messages; ///< one for each of its recipients, 1 or more, ascending

    std::size_t size() const { return messages.size(); }
    const MessageId& first() const { return messages.front(); }
    const MessageId& last() const { return messages.back(); }
};

/// How a new broadcast is laid out: which recipient's message gets which id, and travels in which ticket. Both stores
/// write what it says. The ids of messages ascend in the order of the recipients, and those of tickets likewise.
/// Pure, but for the ids that it makes; not thread-safe.
class TicketPlan {
public:
    /// `ticket_size` 1 to 1000.
    explicit TicketPlan(int ticket_size);

    /// The tickets of the next piece, which has this many recipients, in order. Only the last of them can be smaller
    /// than the others.
    std::vector<PlannedTicket> next(std::size_t recipients);

    /// How many recipients have been planned.
    std::size_t total() const { return total_; }

    /// The id of the first recipient's message.
    const MessageId& first_message() const { return first_message_; }

    /// The id of the last planned recipient's message.
    const MessageId& last_message() const { return last_message_; }

private:
    PlannedTicket ticket(std::size_t from, std::size_t size);

    std::size_t ticket_size_, total_ = 0;
    UuidBlock message_ids_, ticket_ids_;
    MessageId first_message_, next_message_, last_message_;
};

} // namespace smsbcast
