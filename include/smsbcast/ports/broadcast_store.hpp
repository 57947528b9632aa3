#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/broadcast.hpp"
#include "smsbcast/domain/message.hpp"
#include "smsbcast/ports/broadcast_intake.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast {

/// One page of a broadcast's messages.
struct MessageQuery {
    BroadcastId broadcast;
    std::optional<MessageStatus> status;
    std::optional<MessageId> after; ///< the last one of the page before
    int limit = 100;                ///< 1 to 1000
    std::string tenant{};           ///< whose the broadcast must be; no tenant has an empty name
};

struct MessageWithAttempts {
    Message message;
    std::vector<Attempt> attempts; ///< oldest first, at most 100
};

/// Broadcasts and their messages, as the API writes and reads them.
///
/// Every broadcast belongs to the tenant that its intake wrote. A call names a tenant, and a broadcast of another one
/// is not there for it: nothing about it, and nothing about its messages, can be learned or changed. It is not_found as
/// one that never was is, also where the command would be a conflict. An id that a page goes on from need not be of the
/// same tenant: it is a place in the order of ids and nothing else, whether anything has it or not.
///
/// Errors of every call: timeout, unavailable, overloaded (retryable; nothing was done). Threads: one shard. Lifetime:
/// the store must outlive the awaitable.
class BroadcastStore {
public:
    virtual ~BroadcastStore() = default;

    /// Begins to write a new broadcast, whose messages travel together in tickets of `ticket_size`, 1 to 1000. The
    /// deadline is that of the whole intake. The store must outlive it.
    virtual std::unique_ptr<BroadcastIntake> intake(BroadcastId id, int ticket_size, Deadline deadline) = 0;

    /// Gives the broadcast with exact counts, taken in one snapshot. Errors: not_found.
    virtual boost::asio::awaitable<Result<Broadcast>> get(std::string tenant, BroadcastId id, Deadline deadline) = 0;

    /// Those of the tenant, newest first, created before `before` only. `limit` 1 to 1000.
    virtual boost::asio::awaitable<Result<std::vector<Broadcast>>> list(std::string tenant,
                                                                        std::optional<BroadcastId> before, int limit,
                                                                        Deadline deadline) = 0;

    /// They come in order of id, which is the order of the recipients. Errors: not_found (the broadcast).
    virtual boost::asio::awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline deadline) = 0;

    /// Errors: not_found.
    virtual boost::asio::awaitable<Result<MessageWithAttempts>> message(std::string tenant, MessageId id,
                                                                        Deadline deadline) = 0;

    /// Applies the command by domain::after() and returns the status that holds then. Idempotent. Once it returned, no
    /// ticket of a paused or canceled broadcast is taken any more. Errors: not_found, conflict.
    virtual boost::asio::awaitable<Result<BroadcastStatus>> command(std::string tenant, BroadcastId id,
                                                                    BroadcastCommand command, Deadline deadline) = 0;

    /// Succeeds when the database answers and its schema is the one that this program needs.
    virtual boost::asio::awaitable<Result<void>> ping(Deadline deadline) = 0;
};

} // namespace smsbcast
