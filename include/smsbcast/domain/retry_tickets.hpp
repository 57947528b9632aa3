#pragma once

#include "smsbcast/domain/retry_policy.hpp"

#include <map>
#include <tuple>

namespace smsbcast {

/// The new tickets that the messages of one batch of results go into where they are to be retried: one for each old
/// ticket, number of attempts spent and kind of delay. The throttled wait for the longest of their delays; of the
/// others one draw of the jitter holds for all, so that not every ticket waits for its most unlucky message.
class RetryTickets {
public:
    struct Place {
        TicketId id;
        std::chrono::milliseconds delay; ///< the ticket is due after the longest of these
    };

    /// The same id for the same kind. Ids ascend.
    Place place_for(const TicketRef& old, const Verdict& verdict);

private:
    std::map<std::tuple<TicketRef, int, bool>, Place> tickets_;
    UuidBlock ids_;
};

} // namespace smsbcast
