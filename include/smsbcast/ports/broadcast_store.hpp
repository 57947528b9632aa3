#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/broadcast.hpp"
#include "smsbcast/domain/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <span>
#include <vector>

namespace smsbcast {

struct NewBroadcast {
    BroadcastId id;
    std::optional<std::string> name;
    std::string text;
    std::vector<PhoneNumber> recipients;   ///< 1 or more, each once
    int ticket_size = 100;                 ///< 1 to 1000 messages travel together
    std::optional<Timestamp> expires_at{}; ///< no message is handed over later than this
};

/// One page of a broadcast's messages.
struct MessageQuery {
    BroadcastId broadcast;
    std::optional<MessageStatus> status;
    std::optional<MessageId> after; ///< the last one of the page before
    int limit = 100;                ///< 1 to 1000
};

struct MessageWithAttempts {
    Message message;
    std::vector<Attempt> attempts; ///< oldest first, at most 100
};

/// Broadcasts and their messages, as the API writes and reads them.
///
/// Errors of every call: timeout, unavailable, overloaded (retryable; nothing was done). Threads: one shard. Lifetime:
/// the store must outlive the awaitable.
class BroadcastStore {
public:
    virtual ~BroadcastStore() = default;

    /// One transaction: the broadcast, a pending message for each recipient (in their order, ids ascending), and the
    /// tickets that carry them, due now. When it returns a value everything is durable and the relay has been woken.
    /// Errors: uncertain when the connection broke during the commit and its outcome could not be read back.
    virtual boost::asio::awaitable<Result<void>> create(NewBroadcast broadcast, Deadline deadline) = 0;

    /// Gives the broadcast with exact counts, taken in one snapshot. Errors: not_found.
    virtual boost::asio::awaitable<Result<Broadcast>> get(BroadcastId id, Deadline deadline) = 0;

    /// Newest first, those created before `before` only. `limit` 1 to 1000.
    virtual boost::asio::awaitable<Result<std::vector<Broadcast>>> list(std::optional<BroadcastId> before, int limit,
                                                                        Deadline deadline) = 0;

    /// In order of id, which is the order of the recipients. Errors: not_found (the broadcast).
    virtual boost::asio::awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline deadline) = 0;

    /// Errors: not_found.
    virtual boost::asio::awaitable<Result<MessageWithAttempts>> message(MessageId id, Deadline deadline) = 0;

    /// Applies the command by domain::after() and returns the status that holds then. Idempotent. Once it returned, no
    /// ticket of a paused or canceled broadcast is taken any more. Errors: not_found, conflict.
    virtual boost::asio::awaitable<Result<BroadcastStatus>> command(BroadcastId id, BroadcastCommand command,
                                                                    Deadline deadline) = 0;

    /// Succeeds when the database answers and its schema is the one that this program needs.
    virtual boost::asio::awaitable<Result<void>> ping(Deadline deadline) = 0;
};

} // namespace smsbcast
