#pragma once

#include "smsbcast/domain/ticket.hpp"

#include <deque>
#include <list>

namespace smsbcast::app {

/// Tickets that wait, with turns that go round the broadcasts: a broadcast of one ticket never waits behind all the
/// tickets of a large one. Within a broadcast the oldest comes first. Pure.
class FairTurns {
public:
    /// Behind the other tickets of its broadcast; a broadcast that has none here is last in the round.
    void add(const BroadcastId& broadcast, const TicketRef& ticket);

    bool empty() const { return queues_.empty(); }

    /// Gives the oldest ticket of the broadcast whose turn it is. It must not be empty.
    const TicketRef& front() const { return queues_.front().tickets.front(); }

    /// The turn goes on and the ticket stays. It must not be empty.
    void pass();

    /// The ticket goes and the turn goes on. It must not be empty.
    void drop();

private:
    struct Queue {
        BroadcastId broadcast;
        std::deque<TicketRef> tickets; ///< never empty
    };
    std::list<Queue> queues_; ///< a list, since passing the turn on happens once a message and must not allocate
};

} // namespace smsbcast::app
