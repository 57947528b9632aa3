#pragma once

#include "connection.hpp"

#include "smsbcast/domain/receipt.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace smsbcast::adapters::postgres {

struct InboxReceipt {
    Receipt receipt;
    std::optional<std::int64_t> inbox_id; ///< its row there; nothing for one that has just come
};

/// The statements that apply a batch: locks, application.
Unit receipts_unit(const std::vector<InboxReceipt>& receipts, std::int32_t writer);

/// What the unit's answer says of each receipt, in order.
std::vector<ReceiptFate> receipt_fates(const std::vector<InboxReceipt>& receipts, const std::vector<Rows>& answer);

} // namespace smsbcast::adapters::postgres
