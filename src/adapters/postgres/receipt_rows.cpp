#include "receipt_rows.hpp"

#include "receipt_statements.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/domain/message_status.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <unordered_map>

namespace smsbcast::adapters::postgres {

namespace {

std::optional<Uuid> message_of(const InboxReceipt& row) {
    return row.receipt.message ? std::optional(row.receipt.message->value) : std::nullopt;
}

std::string provider_id_of(const InboxReceipt& row) {
    return clean_text(row.receipt.provider_id);
}

Params keys(const std::vector<InboxReceipt>& receipts) {
    std::vector<Uuid> ids;
    for (const auto& row : receipts)
        if (row.receipt.message)
            ids.push_back(row.receipt.message->value);
    Params params;
    params.uuids(ids, [](const Uuid& id) { return id; }).texts(receipts, provider_id_of);
    return params;
}

} // namespace

Unit receipts_unit(const std::vector<InboxReceipt>& receipts, std::int32_t writer) {
    Params columns;
    columns.uuids(receipts, message_of)
        .texts(receipts, provider_id_of)
        .booleans(receipts, [](const InboxReceipt& row) { return row.receipt.delivered; })
        .texts(receipts,
               [](const InboxReceipt& row) {
                   const auto& code = row.receipt.error_code;
                   return code ? std::optional(clean_text(*code, 64)) : std::nullopt;
               })
        .bigints(receipts, [](const InboxReceipt& row) { return row.inbox_id; })
        .integer(writer);
    Unit unit;
    unit.push_back({&sql::kLockReceipts, keys(receipts)});
    unit.push_back({&sql::kApplyReceipts, std::move(columns)});
    return unit;
}

// The statement moved each message once, to where its receipts together lead; this tells which of them did it.
std::vector<ReceiptFate> receipt_fates(const std::vector<InboxReceipt>& receipts, const std::vector<Rows>& answer) {
    const auto& rows = answer.at(1);
    std::unordered_map<Uuid, MessageStatus> now;
    std::unordered_map<Uuid, int> applied; // by broadcast
    std::vector<ReceiptFate> fates;
    for (int row = 0; row < rows.size(); ++row) {
        const auto id = rows.maybe_uuid(row, 0);
        if (!id) {
            fates.push_back(ReceiptFate::kept);
            continue;
        }
        auto& status = now.try_emplace(*id, parse_message_status(rows.text(row, 1)).value()).first->second;
        const bool delivered = receipts.at(static_cast<std::size_t>(row)).receipt.delivered;
        const auto next = delivered ? MessageStatus::delivered : MessageStatus::failed;
        const bool moves = may_move(status, next, Actor::receipt);
        if (moves) {
            status = next;
            ++applied[rows.uuid(row, 2)];
        }
        fates.push_back(moves ? ReceiptFate::applied : ReceiptFate::no_news);
    }
    for (const auto& [broadcast, count] : applied)
        log::debug("receipts_applied", {{"broadcast_id", broadcast}, {"count", count}});
    return fates;
}

} // namespace smsbcast::adapters::postgres
