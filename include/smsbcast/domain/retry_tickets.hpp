#pragma once

#include "smsbcast/domain/retry_policy.hpp"

#include <map>
#include <optional>
#include <tuple>

namespace smsbcast {

/// The new tickets that the messages of one batch of results go into where they are to be retried: one for each old
/// ticket, number of attempts spent and kind of delay. Throttled messages share a ticket where none of them has to wait
/// twice as long as another, and wait for the longest of their delays; of the others one draw of the jitter holds for
/// all, so that not every ticket waits for its most unlucky message.
class RetryTickets {
public:
    struct Place {
        TicketId id;
        std::chrono::milliseconds delay; ///< the ticket is due after the longest of these
    };

    /// Gives the same id for the same kind. Ids ascend.
    Place place_for(const TicketRef& old, const Verdict& verdict);

private:
    /// The old ticket, the attempts, and of the throttled how long they wait, in powers of two.
    std::map<std::tuple<TicketRef, int, std::optional<int>>, Place> tickets_;
    UuidBlock ids_;
};

} // namespace smsbcast
