#pragma once

#include "smsbcast/domain/retry_policy.hpp"

#include <map>
#include <tuple>

namespace smsbcast {

/// The new tickets that the messages of one batch of results go into where they are to be retried: one for each old
/// ticket, number of attempts spent and kind of delay (throttled or not). It is due after the longest delay among its
/// messages, so what waits alike waits together.
class RetryTickets {
public:
    /// The same id for the same kind. Ids ascend.
    TicketId ticket_for(const TicketRef& old, const Verdict& verdict);

private:
    std::map<std::tuple<TicketRef, int, bool>, TicketId> tickets_;
    UuidBlock ids_;
};

} // namespace smsbcast
