#include "receipt_rows.hpp"

#include "lock_statements.hpp"
#include "receipt_statements.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/domain/hold.hpp"
#include "smsbcast/domain/message_rules.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <map>
#include <unordered_map>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

std::optional<Uuid> message_of(const InboxReceipt& row) {
    return row.receipt.message ? std::optional(row.receipt.message->value) : std::nullopt;
}

// The id is cleaned here as it is where results are recorded (result_rows.cpp): both texts must be
// the same bytes, or a receipt would not find its reference.
std::string provider_id_of(const InboxReceipt& row) {
    return clean_text(row.receipt.provider_id);
}

/// A provider's name and its id of a message.
using ProviderId = std::pair<std::string, std::string>;

std::string_view provider_of(const InboxReceipt& row) {
    return row.receipt.provider;
}

// Both candidates of a receipt are locked, since which of them exists shows only in the statement
// itself.
Params messages_of(const std::vector<InboxReceipt>& receipts) {
    std::vector<Uuid> ids;
    for (const auto& row : receipts) {
        if (row.receipt.message)
            ids.push_back(row.receipt.message->value);
        if (row.referred)
            ids.push_back(*row.referred);
    }
    Params params;
    params.uuids(ids, [](const Uuid& id) { return id; });
    return params;
}

// Only the provider's own ids need a look-up, and only of receipts that do not name our id or were
// not found by it before; for most providers there is none, and the round trip is saved.
std::optional<Transaction> resolving_transaction(const std::vector<InboxReceipt>& receipts) {
    std::vector<ProviderId> ids;
    for (const auto& row : receipts)
        if (!row.receipt.provider_id.empty() && (!row.receipt.message || row.inbox_id))
            ids.emplace_back(row.receipt.provider, provider_id_of(row));
    if (ids.empty())
        return std::nullopt;
    Params params;
    params.texts(ids, [](const ProviderId& id) -> std::string_view { return id.first; })
        .texts(ids, [](const ProviderId& id) -> std::string_view { return id.second; });
    return single(sql::kResolveRefs, std::move(params));
}

void note_referred(std::vector<InboxReceipt>& receipts, const Rows& refs) {
    std::map<ProviderId, Uuid> messages;
    for (int row = 0; row < refs.size(); ++row)
        messages.emplace(ProviderId{refs.text(row, 0), refs.text(row, 1)}, refs.uuid(row, 2));
    for (auto& row : receipts)
        if (const auto found = messages.find({row.receipt.provider, provider_id_of(row)}); found != messages.end())
            row.referred = found->second;
}

Params receipt_columns(const std::vector<InboxReceipt>& receipts) {
    Params columns;
    columns.uuids(receipts, message_of)
        .texts(receipts, provider_id_of)
        .booleans(receipts, [](const InboxReceipt& row) { return row.receipt.delivered; })
        .texts(receipts, [](const InboxReceipt& row) {
            const auto& code = row.receipt.error_code;
            return code ? std::optional(clean_text(*code, 64)) : std::nullopt;
        });
    return columns;
}

// Three statements, in the order of all locks: messages, the tickets that pending ones wait in,
// then the change. Receipts of pending messages come early, before the worker's result; the message
// then leaves its ticket here, and the worker's late result only completes it.
Transaction receipts_transaction(const std::vector<InboxReceipt>& receipts, std::int32_t writer) {
    Params columns = receipt_columns(receipts);
    columns.bigints(receipts, [](const InboxReceipt& row) { return row.inbox_id; })
        .integer(writer)
        .uuids(receipts, [](const InboxReceipt& row) { return row.referred; })
        .text(hold_reason(kReceiptAhead));
    const auto error = not_delivered(std::nullopt);
    columns.text(error.code).text(error.error_class).text(error.message);
    columns.bigints(receipts, [](const InboxReceipt& row) { return std::int64_t{inbox_pause(row.tries).count()}; })
        .texts(receipts, provider_of)
        .texts(kNeverTaken, [](std::string_view name) { return name; });
    Transaction transaction;
    transaction.push_back({&sql::kLockMessages, messages_of(receipts)});
    transaction.push_back({&sql::kLockReceiptTickets, messages_of(receipts)});
    transaction.push_back({&sql::kApplyReceipts, std::move(columns)});
    return transaction;
}

// The statement moved each message once, to where its receipts together lead. Which of several
// receipts of one message moved it is decided here again by the domain's table, in the order in
// which they came.
std::vector<ReceiptOutcome> receipt_outcomes(const std::vector<InboxReceipt>& receipts,
                                             const std::vector<Rows>& answer) {
    const auto& rows = answer.back();
    std::unordered_map<Uuid, MessageStatus> now;
    std::unordered_map<Uuid, int> applied; // by broadcast
    std::vector<ReceiptOutcome> outcomes;
    for (int row = 0; row < rows.size(); ++row) {
        const auto id = rows.maybe_uuid(row, 0);
        if (!id) {
            outcomes.push_back(ReceiptOutcome::kept);
            continue;
        }
        // The statement answered with the status from before the batch. The first receipt of a
        // message starts from it, each later one from where the one before led.
        auto& status = now.try_emplace(*id, parse_message_status(rows.text(row, 1)).value()).first->second;
        const bool delivered = receipts.at(static_cast<std::size_t>(row)).receipt.delivered;
        const auto next = delivered ? MessageStatus::delivered : MessageStatus::failed;
        const bool moves = may_move(status, next, Actor::receipt);
        if (moves) {
            status = next;
            ++applied[rows.uuid(row, 2)];
        }
        outcomes.push_back(moves ? ReceiptOutcome::applied : ReceiptOutcome::no_news);
    }
    for (const auto& [broadcast, count] : applied)
        log::debug("receipts_applied", {{"broadcast_id", broadcast}, {"count", count}});
    return outcomes;
}

} // namespace

// No look at messages or tickets, hence no locks: this must work for receipts that the other
// statement was refused for.
Transaction keep_transaction(const std::vector<InboxReceipt>& receipts) {
    Params columns = receipt_columns(receipts);
    columns.texts(receipts, provider_of);
    return single(sql::kKeepReceipts, std::move(columns));
}

Awaitable<Result<std::vector<ReceiptOutcome>>> apply_batch(std::shared_ptr<Database> database,
                                                           std::vector<InboxReceipt> receipts, Deadline deadline) {
    // An empty array would cost a transaction that does nothing.
    if (receipts.empty())
        co_return std::vector<ReceiptOutcome>();
    auto resolving = resolving_transaction(receipts);
    if (resolving) {
        const auto refs = co_await database->read(std::move(*resolving), deadline);
        if (!refs)
            co_return refs.error();
        note_referred(receipts, refs->front());
    }
    Transaction transaction = receipts_transaction(receipts, database->writer());
    const auto rows = co_await database->run(std::move(transaction), deadline);
    if (!rows)
        co_return rows.error();
    co_return receipt_outcomes(receipts, *rows);
}

} // namespace smsbcast::adapters::postgres
