#include "smsbcast/domain/ticket_plan.hpp"

#include <algorithm>

namespace smsbcast {

TicketPlan::TicketPlan(std::size_t recipients, int ticket_size)
    : recipients_(recipients),
      ticket_size_(static_cast<std::size_t>(ticket_size)), first_message_{UuidBlock(message_ids_).next()} {}

std::optional<PlannedTicket> TicketPlan::next() {
    if (planned_ == recipients_)
        return std::nullopt;
    PlannedTicket ticket{.id = {ticket_ids_.next()},
                         .first = {},
                         .last = {},
                         .from = planned_,
                         .size = std::min(ticket_size_, recipients_ - planned_),
                         .messages = message_ids_};
    ticket.first = ticket.last = MessageId{message_ids_.next()};
    // The generator is stepped over the ticket's ids to learn the last one. The copy in the ticket
    // gives the same ids again when they are written, so no list of them is kept.
    for (std::size_t i = 1; i < ticket.size; ++i)
        ticket.last = MessageId{message_ids_.next()};
    planned_ += ticket.size;
    return ticket;
}

} // namespace smsbcast
