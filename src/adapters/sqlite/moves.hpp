#pragma once

#include "job.hpp"

#include "smsbcast/domain/broadcast.hpp"

#include <map>

namespace smsbcast::adapters::sqlite {

/// What a job changes besides the messages it moves, gathered while it moves them and written at its end, in the same
/// transaction: the counts of broadcasts, and what is done of tickets.
class Moves {
public:
    /// A message changes its stored status.
    void count(BroadcastId broadcast, MessageStatus from, MessageStatus to);

    /// A message leaves its ticket.
    void leave(BroadcastId broadcast, TicketId ticket) { ++left_[{broadcast, ticket}]; }

    /// Tickets of which nothing is left are deleted.
    void write(Connection& db);

private:
    std::map<BroadcastId, StatusCounts> counts_;
    std::map<std::pair<BroadcastId, TicketId>, std::int64_t> left_;
};

} // namespace smsbcast::adapters::sqlite
