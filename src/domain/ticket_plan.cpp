#include "smsbcast/domain/ticket_plan.hpp"

#include <algorithm>

namespace smsbcast {

TicketPlan::TicketPlan(int ticket_size)
    : ticket_size_(static_cast<std::size_t>(ticket_size)), first_message_{UuidBlock(message_ids_).next()} {}

std::vector<PlannedTicket> TicketPlan::next(std::size_t recipients) {
    std::vector<PlannedTicket> tickets;
    tickets.reserve((recipients + ticket_size_ - 1) / ticket_size_);
    for (std::size_t from = 0; from < recipients; from += ticket_size_)
        tickets.push_back(ticket(from, std::min(ticket_size_, recipients - from)));
    total_ += recipients;
    return tickets;
}

PlannedTicket TicketPlan::ticket(std::size_t from, std::size_t size) {
    PlannedTicket planned{
        .id = {ticket_ids_.next()}, .first = {}, .last = {}, .from = from, .size = size, .messages = message_ids_};
    planned.first = planned.last = MessageId{message_ids_.next()};
    // The generator is stepped over the ticket's ids to learn the last one. The copy in the ticket
    // gives the same ids again when they are written, so no list of them is kept.
    for (std::size_t i = 1; i < size; ++i)
        planned.last = MessageId{message_ids_.next()};
    last_message_ = planned.last;
    return planned;
}

} // namespace smsbcast
