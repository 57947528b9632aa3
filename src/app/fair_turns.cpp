#include "smsbcast/app/fair_turns.hpp"

#include <algorithm>

namespace smsbcast::app {

void FairTurns::add(const BroadcastId& broadcast, const TicketRef& ticket) {
    auto queue = std::find_if(queues_.begin(), queues_.end(),
                              [&](const Queue& candidate) { return candidate.broadcast == broadcast; });
    if (queue == queues_.end())
        queue = queues_.insert(queues_.end(), Queue{broadcast, {}});
    queue->tickets.push_back(ticket);
}

void FairTurns::pass() {
    queues_.splice(queues_.end(), queues_, queues_.begin());
}

void FairTurns::drop() {
    queues_.front().tickets.pop_front();
    if (queues_.front().tickets.empty())
        queues_.pop_front();
    else
        pass();
}

} // namespace smsbcast::app
