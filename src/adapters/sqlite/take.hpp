#pragma once

#include "job.hpp"

#include "smsbcast/ports/ticket_store.hpp"

namespace smsbcast::adapters::sqlite {

// These functions are what TicketStore does with tickets; results are in record.hpp. Times are in
// milliseconds.

std::vector<TakenTicket> take_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets, WorkerId worker,
                                      std::int64_t lease, Handover handover);
std::vector<TicketRef> mark_in_flight(Transaction& transaction, const std::vector<TicketRef>& tickets);
LeaseReport renew_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets, std::int64_t lease);
void give_tickets_back(Transaction& transaction, const std::vector<TicketRef>& tickets);

} // namespace smsbcast::adapters::sqlite
