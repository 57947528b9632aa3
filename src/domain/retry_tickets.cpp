#include "smsbcast/domain/retry_tickets.hpp"

namespace smsbcast {

RetryTickets::Place RetryTickets::place_for(const TicketRef& old, const Verdict& verdict) {
    const bool throttled = verdict.error && verdict.error->error_class == "throttled";
    const auto [at, fresh] = tickets_.try_emplace({old, verdict.attempts, throttled});
    if (fresh)
        at->second = {TicketId{ids_.next()}, verdict.delay};
    return {at->second.id, throttled ? verdict.delay : at->second.delay};
}

} // namespace smsbcast
