#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/base/uuid.hpp"

#include <cstddef>
#include <optional>

namespace smsbcast {

/// A ticket of a new broadcast. Its messages are those of neighbouring recipients, and their ids one ascending range.
struct PlannedTicket {
    TicketId id;
    MessageId first, last;
    std::size_t from = 0; ///< the place of its first recipient
    std::size_t size = 0; ///< how many recipients, 1 or more
    UuidBlock messages;   ///< a copy gives the ids of its messages, from `first` to `last`
};

/// How a new broadcast is laid out: which recipient's message gets which id, and travels in which ticket. Both stores
/// write what it says. The ids of messages ascend in the order of the recipients, and those of tickets likewise.
/// Pure, but for the ids that it makes; not thread-safe.
class TicketPlan {
public:
    /// At least one recipient; `ticket_size` 1 to 1000.
    TicketPlan(std::size_t recipients, int ticket_size);

    std::size_t recipients() const { return recipients_; }

    /// The id of the first recipient's message.
    const MessageId& first_message() const { return first_message_; }

    /// The next ticket, in order; none after the last one.
    std::optional<PlannedTicket> next();

private:
    std::size_t recipients_, ticket_size_, planned_ = 0;
    UuidBlock message_ids_, ticket_ids_;
    MessageId first_message_;
};

} // namespace smsbcast
