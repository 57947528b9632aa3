#pragma once

#include "job.hpp"

#include "smsbcast/domain/receipt.hpp"

#include <map>
#include <vector>

namespace smsbcast::adapters::sqlite {

struct InboxReceipt {
    Receipt receipt;
    std::optional<std::int64_t> inbox_id; ///< its row there; nothing for one that has just come
    int tries = 0;                        ///< that found no message
};

struct AppliedReceipts {
    std::vector<ReceiptOutcome> outcomes; ///< one a receipt, in order
    std::map<BroadcastId, int> moved;
};

/// Each receipt moves its message, or is kept in the inbox. Several of one message are taken in order.
AppliedReceipts apply_receipts(Transaction& transaction, const std::vector<InboxReceipt>& receipts);

/// Puts a new receipt into the inbox.
void keep_receipt(Transaction& transaction, const Receipt& receipt);

/// Up to 500 receipts of the inbox that are due, in the order in which they came.
std::vector<InboxReceipt> due_receipts(Transaction& transaction);

/// Applies them one by one, each in a savepoint: a receipt that SQLite refuses to apply is tried
/// later, if it is in the inbox. The messages that such receipts name are appended to `refused`.
AppliedReceipts apply_one_by_one(Transaction& transaction, const std::vector<InboxReceipt>& receipts,
                                 std::vector<std::optional<MessageId>>& refused);

/// Logs what moved. To be called once the transaction is durable.
void log_applied(const AppliedReceipts& applied);

} // namespace smsbcast::adapters::sqlite
