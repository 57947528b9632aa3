#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>

namespace smsbcast {

/// How sure it is that the queue has lost what was published into it.
enum class Loss {
    suspected, ///< it may be a backlog that only waits
    certain,
};

/// Signs of whether receipts come at all.
struct ReceiptSigns {
    std::int64_t unreceipted = 0; ///< messages that the provider accepted and no receipt has come for
    bool any = false;             ///< a receipt has come for some message, or for one that nobody knows
};

/// What time or a crash left behind, put right in small transactions. Every call handles a bounded number and returns
/// how many it moved, so the caller repeats while there is something; any number of replicas may run them at once.
/// Errors: timeout, unavailable, uncertain, retry. Threads: one shard.
class Housekeeping {
public:
    virtual ~Housekeeping() = default;

    /// Tickets whose lease ran out go back to the outbox; where their messages were handed over
    /// without a begin (TicketStore::take), those are `maybe_sent` from then on. Messages that were
    /// flagged as possible duplicates before, and so have been handed over once more, become
    /// `unknown` for `resolve_within`, and so do all messages of tickets that were begun
    /// (TicketStore::mark_in_flight). Either way the history of each message gets the attempt as
    /// `worker_lost`; where the attempt costs none, once per ticket.
    virtual boost::asio::awaitable<Result<std::int64_t>> expire_leases(std::chrono::milliseconds resolve_within,
                                                                       Deadline deadline) = 0;

    /// Tickets that have been queued for `after` without being taken are due again. A backlog that only waits there is
    /// published twice by that (and taken once), so where the loss is only suspected, each time doubles `after` for
    /// that ticket, up to 16 times as long, until it is taken.
    virtual boost::asio::awaitable<Result<std::int64_t>> requeue_lost(std::chrono::milliseconds after, Loss loss,
                                                                      Deadline deadline) = 0;

    /// Applies the receipts in the inbox whose message is known by now. Those whose message is not
    /// known do not stand in their way: the call looks on past thousands of them, until some are
    /// applied.
    virtual boost::asio::awaitable<Result<std::int64_t>> match_inbox(Deadline deadline) = 0;

    /// Receipts that waited for longer than `retention` are dropped.
    virtual boost::asio::awaitable<Result<std::int64_t>> purge_inbox(std::chrono::milliseconds retention,
                                                                     Deadline deadline) = 0;

    /// Messages of canceling broadcasts whose tickets no worker holds become `canceled`; a broadcast with no ticket
    /// left becomes `canceled`. A message that may have been sent by an earlier attempt becomes `unknown` instead.
    virtual boost::asio::awaitable<Result<std::int64_t>> finish_cancels(std::chrono::milliseconds resolve_within,
                                                                        Deadline deadline) = 0;

    /// Messages of broadcasts past their deadline, paused ones too, whose tickets no worker holds become `expired`, or
    /// `unknown` where an earlier attempt may have sent them.
    virtual boost::asio::awaitable<Result<std::int64_t>> expire_broadcasts(std::chrono::milliseconds resolve_within,
                                                                           Deadline deadline) = 0;

    /// `unknown` messages whose time is up become `failed`; those that the provider took without naming an id become
    /// `sent`, and keep their error.
    virtual boost::asio::awaitable<Result<std::int64_t>> end_unresolved(Deadline deadline) = 0;

    /// Running broadcasts with no message in our hands become `completed`.
    virtual boost::asio::awaitable<Result<std::int64_t>> complete(Deadline deadline) = 0;

    /// Moves nothing. Looks at the newest thousands of broadcasts alone; receipts of failure, where there is none of
    /// delivery, at the first ten thousand messages of the newest one that has failed ones.
    virtual boost::asio::awaitable<Result<ReceiptSigns>> receipt_signs(Deadline deadline) = 0;
};

} // namespace smsbcast
