#include "smsbcast/domain/retry_tickets.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace smsbcast {

namespace {

// The result is equal for waits of which none is twice as long as another.
int length_of(std::chrono::milliseconds wait) {
    return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>(0, wait.count()))));
}

} // namespace

RetryTickets::Place RetryTickets::place_for(const TicketRef& old, const Verdict& verdict) {
    // Throttled messages wait for the longest delay of their kind; for the others the first draw of
    // the jitter holds for all, so that not every ticket waits for its most unlucky message.
    const bool throttled = verdict.error && verdict.error->error_class == "throttled";
    const auto [at, fresh] = tickets_.try_emplace(
        {old, verdict.attempts, throttled ? std::optional(length_of(verdict.delay)) : std::nullopt});
    if (fresh)
        at->second = {TicketId{ids_.next()}, verdict.delay};
    return {at->second.id, throttled ? verdict.delay : at->second.delay};
}

} // namespace smsbcast
