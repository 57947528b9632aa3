#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/message.hpp"
#include "smsbcast/domain/provider.hpp"
#include "smsbcast/domain/retry_policy.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast {

/// The outcome of one submission, as it is to be recorded.
struct MessageResult {
    TicketRef ticket;
    MessageId message;
    Verdict verdict;
    std::string provider{kDefaultProvider}; ///< the name of the provider that it was submitted to
    std::optional<std::string> provider_id; ///< of a message that was accepted; the first, if it has several
    std::vector<std::string>
        references; ///< provider ids to remember the message by, since receipts will not carry our id
};

/// The moment at which the messages of a ticket go to the provider.
enum class Handover {
    after_mark, ///< after TicketStore::mark_in_flight() only: until then none of them is out
    at_once,    ///< as soon as it is taken, since the provider knows our keys
    flagged,    ///< likewise, though it does not: what may have been sent before is marked a possible duplicate first
};

/// The store's word on tickets that a worker believes to hold.
struct LeaseReport {
    std::vector<TicketId> lost;   ///< the lease is gone or another worker has it: write nothing more for these
    std::vector<TicketId> halted; ///< still held, but the broadcast is paused, canceled or expired: give them back
};

/// The worker's side: tickets are taken under a lease, and everything written for one is fenced by its attempt.
///
/// Errors of every call: timeout, unavailable, uncertain, retry; refused: one of the rows at hand cannot be changed as
/// asked, for what it holds, and nothing was done. All calls may be repeated. Threads: one shard.
class TicketStore {
public:
    virtual ~TicketStore() = default;

    /// Takes those tickets whose attempt is still the one given and whose broadcast runs and has not expired; each
    /// comes back with its attempt moved on and all of its messages that are still to be sent. A ticket whose broadcast
    /// is paused, canceled or expired goes back to the outbox. Whatever does not come back is not ours: acknowledge it
    /// to the queue and forget it. Of a ticket whose lease once ran out while it was handed over without
    /// mark_in_flight(), all messages are `maybe_sent`. With `flagged`, those that are get `possible_duplicate` in the
    /// same transaction.
    virtual boost::asio::awaitable<Result<std::vector<TakenTicket>>> take(std::vector<TicketRef> tickets,
                                                                          WorkerId worker,
                                                                          std::chrono::milliseconds lease,
                                                                          Handover handover, Deadline deadline) = 0;

    /// Records durably that messages of these tickets are about to go out, for a provider without idempotency keys:
    /// should this worker die now, what is not recorded of them becomes `unknown` instead of being sent again.
    /// Returns those that are still ours; submit nothing of the others.
    virtual boost::asio::awaitable<Result<std::vector<TicketRef>>> mark_in_flight(std::vector<TicketRef> tickets,
                                                                                  Deadline deadline) = 0;

    /// Extends the leases and reports what changed.
    virtual boost::asio::awaitable<Result<LeaseReport>> renew(std::vector<TicketRef> tickets,
                                                              std::chrono::milliseconds lease, Deadline deadline) = 0;

    /// The cheap half of renew(): gives those of these broadcasts that do not run (any more), or
    /// have expired.
    virtual boost::asio::awaitable<Result<std::vector<BroadcastId>>> not_running(std::vector<BroadcastId> broadcasts,
                                                                                 Deadline deadline) = 0;

    /// Puts tickets back into the outbox, due now, with what was not recorded of them. Call it only when none of their
    /// messages is on its way. The attempt stays spent.
    virtual boost::asio::awaitable<Result<void>> give_back(std::vector<TicketRef> tickets, Deadline deadline) = 0;

    /// One transaction for many results of many tickets: messages, new tickets for what is to be retried, the counts,
    /// the history of attempts, where a run that costs none leaves one line a class; finished tickets are deleted. What
    /// is retried of a ticket travels on together where it was throttled alike (then for the longest delay) or was
    /// tried as often (then for one of the delays). A result whose ticket was lost changes nothing, except that an
    /// acceptance still resolves a message that became `unknown` meanwhile. A message that a receipt moved first keeps
    /// its status and is given its provider id and times. `resolve_within` is the time that `unknown` messages get.
    virtual boost::asio::awaitable<Result<void>> record(std::vector<MessageResult> results,
                                                        std::chrono::milliseconds resolve_within,
                                                        Deadline deadline) = 0;
};

} // namespace smsbcast
