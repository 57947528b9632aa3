#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace smsbcast {

/// A ticket that is the caller's to publish until its claim lapses.
struct ClaimedTicket {
    TicketRef ref;
    BroadcastId broadcast;
    int messages = 0; ///< not yet done
};

struct OutboxLoad {
    std::int64_t queued_messages = 0; ///< in the broker, as far as the database knows
    bool work_due = false;            ///< claim() would find something
};

/// The relay's side of the outbox: tickets that are due go to the queue.
///
/// Errors of every call: timeout, unavailable, retry. On `timeout` and `uncertain` the call may have been carried out;
/// running it again does no harm. Threads: one shard.
class Outbox {
public:
    virtual ~Outbox() = default;

    virtual boost::asio::awaitable<Result<OutboxLoad>> load(Deadline deadline) = 0;

    /// Claims due tickets of running broadcasts that have not expired, in fair turns: each broadcast that has due
    /// tickets gets the same number (one at least) before any gets more. Stops once the claimed tickets hold
    /// `max_messages` or more; several replicas never claim the same. A claim lapses after `lease` (database clock),
    /// then the ticket is due again.
    virtual boost::asio::awaitable<Result<std::vector<ClaimedTicket>>> claim(int max_messages,
                                                                             std::chrono::milliseconds lease,
                                                                             Deadline deadline) = 0;

    /// Records that the queue confirmed these tickets. A ticket that a worker took meanwhile stays
    /// taken.
    virtual boost::asio::awaitable<Result<void>> mark_queued(std::vector<TicketRef> tickets, Deadline deadline) = 0;

    /// Makes tickets that did not reach the queue due again at once.
    virtual boost::asio::awaitable<Result<void>> release(std::vector<TicketRef> tickets, Deadline deadline) = 0;

    /// Returns when a commit made tickets due, or at the deadline. A hint: it may come for nothing or not at all, so
    /// the caller polls as well. While the database is away it waits for the deadline.
    virtual boost::asio::awaitable<void> wait_for_work(Deadline deadline) = 0;
};

} // namespace smsbcast
