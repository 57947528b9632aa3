#pragma once

#include "wire.hpp"

#include "smsbcast/domain/ticket.hpp"

#include <algorithm>
#include <vector>

namespace smsbcast::adapters::postgres {

/// `uuid[], int[]` of tickets, each once.
inline Params ticket_arrays(std::vector<TicketRef> tickets) {
    std::sort(tickets.begin(), tickets.end());
    tickets.erase(std::unique(tickets.begin(), tickets.end()), tickets.end());
    Params params;
    params.uuids(tickets, [](const TicketRef& ticket) { return ticket.id.value; });
    params.integers(tickets, [](const TicketRef& ticket) { return ticket.fence; });
    return params;
}

} // namespace smsbcast::adapters::postgres
