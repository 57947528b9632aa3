#pragma once

#include "wire.hpp"

#include "smsbcast/domain/ticket.hpp"

#include <algorithm>
#include <vector>

namespace smsbcast::adapters::postgres {

/// The parameters `uuid[], int[]` of tickets, each once and in order of id: a ticket that is named
/// twice would join its row twice.
inline Params ticket_arrays(std::vector<TicketRef> tickets) {
    std::sort(tickets.begin(), tickets.end());
    tickets.erase(std::unique(tickets.begin(), tickets.end()), tickets.end());
    Params params;
    params.uuids(tickets, [](const TicketRef& ticket) { return ticket.id.value; });
    params.integers(tickets, [](const TicketRef& ticket) { return ticket.fence; });
    return params;
}

} // namespace smsbcast::adapters::postgres
