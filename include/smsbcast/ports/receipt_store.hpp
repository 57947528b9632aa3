#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/receipt.hpp"

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace smsbcast {

/// Receipts, made durable and matched. Threads: one shard.
class ReceiptStore {
public:
    virtual ~ReceiptStore() = default;

    /// One transaction: each receipt moves its message, found by our id, else by the
    /// provider's name and its id; the others go to the
    /// inbox. Forward only: a message never leaves `delivered`, and leaves `failed` for `delivered` only. Several
    /// receipts of one message in a batch are taken in order. One outcome per receipt, in order.
    /// Errors: timeout, unavailable, uncertain, retry: nothing may be acknowledged; repeating is harmless. refused: one
    /// of them cannot be applied for what it holds, and nothing was done.
    virtual boost::asio::awaitable<Result<std::vector<ReceiptOutcome>>> apply(std::vector<Receipt> receipts,
                                                                              Deadline deadline) = 0;

    /// Puts receipts into the inbox without looking for their messages, to be tried later: for
    /// receipts that apply() refuses. Errors: as those of apply().
    virtual boost::asio::awaitable<Result<void>> keep(std::vector<Receipt> receipts, Deadline deadline) = 0;

    /// Succeeds when the store answers and its schema is the one that this program needs.
    virtual boost::asio::awaitable<Result<void>> ping(Deadline deadline) = 0;
};

} // namespace smsbcast
