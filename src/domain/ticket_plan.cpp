#include "smsbcast/domain/ticket_plan.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast {

TicketPlan::TicketPlan(int ticket_size)
    : ticket_size_(static_cast<std::size_t>(ticket_size)), first_message_{message_ids_.next()},
      next_message_(first_message_) {}

std::vector<PlannedTicket> TicketPlan::next(std::size_t recipients) {
    std::vector<PlannedTicket> tickets;
    tickets.reserve((recipients + ticket_size_ - 1) / ticket_size_);
    for (std::size_t from = 0; from < recipients; from += ticket_size_)
        tickets.push_back(ticket(from, std::min(ticket_size_, recipients - from)));
    if (recipients > 0)
        last_message_ = tickets.back().last();
    total_ += recipients;
    return tickets;
}

PlannedTicket TicketPlan::ticket(std::size_t from, std::size_t size) {
    PlannedTicket planned{.id = {ticket_ids_.next()}, .from = from, .messages = {}};
    planned.messages.reserve(size);
    for (std::size_t i = 0; i < size; ++i)
        planned.messages.push_back(std::exchange(next_message_, MessageId{message_ids_.next()}));
    return planned;
}

} // namespace smsbcast
