#pragma once

#include "database.hpp"

#include "smsbcast/domain/receipt.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace smsbcast::adapters::postgres {

/// A receipt on its way to its message, either just received or taken from the inbox.
struct InboxReceipt {
    Receipt receipt;
    std::optional<std::int64_t> inbox_id; ///< its row there; nothing for one that has just come
    int tries = 0;                        ///< that found no message
    std::optional<Uuid> referred{};       ///< the message that its provider id belongs to
};

/// Applies a batch in one transaction, and gives one outcome per receipt, in order. Errors: those
/// of Database::run; with any of them nothing was applied.
runtime::Awaitable<Result<std::vector<ReceiptOutcome>>> apply_batch(std::shared_ptr<Database> database,
                                                                    std::vector<InboxReceipt> receipts,
                                                                    Deadline deadline);

/// Puts new receipts into the inbox.
Transaction keep_transaction(const std::vector<InboxReceipt>& receipts);

} // namespace smsbcast::adapters::postgres
