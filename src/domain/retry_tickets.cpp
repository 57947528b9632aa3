#include "smsbcast/domain/retry_tickets.hpp"

namespace smsbcast {

TicketId RetryTickets::ticket_for(const TicketRef& old, const Verdict& verdict) {
    const bool throttled = verdict.error && verdict.error->error_class == "throttled";
    const auto [at, fresh] = tickets_.try_emplace({old, verdict.attempts, throttled});
    if (fresh)
        at->second = TicketId{ids_.next()};
    return at->second;
}

} // namespace smsbcast
