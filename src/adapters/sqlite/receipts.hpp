#pragma once

#include "job.hpp"

#include "smsbcast/domain/receipt.hpp"

#include <map>
#include <vector>

namespace smsbcast::adapters::sqlite {

struct InboxReceipt {
    Receipt receipt;
    std::optional<std::int64_t> inbox_id; ///< its row there; nothing for one that has just come
};

struct AppliedReceipts {
    std::vector<ReceiptFate> fates; ///< one a receipt, in order
    std::map<BroadcastId, int> moved;
};

/// Each receipt moves its message, or is kept in the inbox. Several of one message are taken in order.
AppliedReceipts apply_receipts(Transaction& transaction, const std::vector<InboxReceipt>& receipts);

/// Up to 500 of the inbox that are due.
std::vector<InboxReceipt> due_receipts(Transaction& transaction);

/// For the log, once the transaction is durable.
void tell(const AppliedReceipts& applied);

} // namespace smsbcast::adapters::sqlite
