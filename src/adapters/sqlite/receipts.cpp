#include "receipts.hpp"

#include "hold.hpp"
#include "moves.hpp"
#include "query.hpp"
#include "receipt_statements.hpp"
#include "savepoint.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/domain/message_rules.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

// The code is a provider's text and may be anything; 64 bytes hold every code that is one.
std::optional<std::string> code_of(const Receipt& receipt) {
    constexpr std::size_t kMaxCodeBytes = 64;
    return receipt.error_code ? std::optional(clean_text(*receipt.error_code, kMaxCodeBytes)) : std::nullopt;
}

/// A receipt with the message that it is of, as far as that is known.
struct Addressed {
    std::size_t place;
    std::optional<MessageId> message;
};

struct Receiver {
    MessageFacts facts;
    std::string error_class;
    TicketId ticket;
    TicketFacts ticket_facts;
    BroadcastId broadcast;
    std::optional<std::int64_t> queued_at;
};

// The pause grows with the tries, so receipts that nobody will ever know cost less and less until
// they are purged.
void postpone(Transaction& transaction, const InboxReceipt& row) {
    transaction.db.run(sql::kPostponeReceipt, row.inbox_id.value(), transaction.now + inbox_pause(row.tries).count());
}

// One batch of receipts in one transaction: each finds its message, the domain's rules say what it
// does, and counts and tickets follow at the end.
class Applying {
public:
    Applying(Transaction& transaction, const std::vector<InboxReceipt>& receipts)
        : transaction_(transaction), now_(transaction.now), db_(transaction.db), receipts_(receipts) {}

    AppliedReceipts run();

private:
    std::optional<MessageId> referred(const Receipt& receipt);
    std::optional<Receiver> find(MessageId id);
    ReceiptOutcome apply(const Receipt& receipt, std::optional<MessageId> message);
    void move(const Receipt& receipt, MessageId id, const Receiver& receiver);
    void settle(const InboxReceipt& row, ReceiptOutcome outcome);

    Transaction& transaction_;
    std::int64_t now_;
    Connection& db_;
    const std::vector<InboxReceipt>& receipts_;
    Moves moves_;
    AppliedReceipts applied_;
};

// Receipts are applied in order of message, which is the order of the pages, and those of one
// message in the order of the batch. Outcomes go back to the places of the batch, since the caller
// answers each receipt by its place.
AppliedReceipts Applying::run() {
    std::vector<Addressed> order;
    order.reserve(receipts_.size());
    for (std::size_t place = 0; place < receipts_.size(); ++place) {
        const auto& receipt = receipts_[place].receipt;
        order.push_back({place, receipt.message ? receipt.message : referred(receipt)});
    }
    std::stable_sort(order.begin(), order.end(),
                     [](const Addressed& a, const Addressed& b) { return a.message < b.message; });
    applied_.outcomes.resize(receipts_.size());
    for (const auto& [place, message] : order)
        applied_.outcomes[place] = apply(receipts_[place].receipt, message);
    for (std::size_t place = 0; place < receipts_.size(); ++place)
        // The inbox is settled in the order of the batch, so receipts that are kept keep the order
        // in which they came.
        settle(receipts_[place], applied_.outcomes[place]);
    moves_.write(db_);
    return std::move(applied_);
}

std::optional<MessageId> Applying::referred(const Receipt& receipt) {
    // A receipt that names our id need not name the provider's.
    if (receipt.provider_id.empty())
        return std::nullopt;
    Query row(db_, sql::kReferredMessage, receipt.provider, clean_text(receipt.provider_id));
    return row.next() ? std::optional(MessageId{row.uuid(0)}) : std::nullopt;
}

std::optional<Receiver> Applying::find(MessageId id) {
    Query row(db_, sql::kReceiver, id);
    if (!row.next())
        return std::nullopt;
    Receiver found;
    found.facts.status = static_cast<MessageStatus>(row.small(0));
    found.facts.maybe_sent = row.flag(3);
    found.error_class = row.maybe_text(4).value_or("");
    found.ticket = TicketId{row.uuid(1)};
    found.broadcast = BroadcastId{row.uuid(2)};
    // Only a pending message has a ticket whose state matters: was it ever taken, then the receipt
    // is early but genuine.
    if (found.facts.status == MessageStatus::pending) {
        Query ticket(db_, sql::kReceiverTicket, found.broadcast, found.ticket);
        if (ticket.next()) {
            found.ticket_facts.fence = ticket.small(0);
            found.ticket_facts.is_first = ticket.flag(2);
            found.queued_at = ticket.maybe_integer(1);
        }
    }
    return found;
}

// Some providers give back an id that is not ours in the place of ours; such a message may still be
// known by the provider's own id.
ReceiptOutcome Applying::apply(const Receipt& receipt, std::optional<MessageId> message) {
    auto receiver = message ? find(*message) : std::nullopt;
    if (!receiver && receipt.message) {
        message = referred(receipt);
        receiver = message ? find(*message) : std::nullopt;
    }
    if (!receiver)
        return ReceiptOutcome::kept;
    // The provider knows a message that this store never handed out, so the store is behind the
    // world: nothing more may go out until a person has decided.
    if (shows_older_copy(receiver->facts, receiver->ticket_facts))
        hold(transaction_, hold_reason(kReceiptAhead));
    receiver->facts.error_class = receiver->error_class;
    const auto outcome = effect_of_receipt(receipt.delivered, receiver->facts, receiver->ticket_facts);
    if (outcome == ReceiptOutcome::applied)
        move(receipt, *message, *receiver);
    return outcome;
}

void Applying::move(const Receipt& receipt, MessageId id, const Receiver& receiver) {
    const auto next = receipt.delivered ? MessageStatus::delivered : MessageStatus::failed;
    const auto provider_id =
        receipt.provider_id.empty() ? std::nullopt : std::optional(clean_text(receipt.provider_id));
    const auto status = static_cast<int>(next);
    const auto& statement = receiver.facts.status == MessageStatus::unknown ? sql::kReceiveUnknown : sql::kReceive;
    if (receipt.delivered) {
        db_.run(statement, id, status, now_, provider_id, receiver.queued_at, nullptr, nullptr, nullptr,
                receipt.provider);
    } else {
        const auto error = not_delivered(code_of(receipt));
        db_.run(statement, id, status, nullptr, provider_id, receiver.queued_at, error.code, error.error_class,
                error.message, receipt.provider);
    }
    moves_.count(receiver.broadcast, receiver.facts.status, next);
    if (receiver.facts.status == MessageStatus::pending)
        // The worker's result comes later and finds that the message has left its ticket; it then
        // completes the message and counts nothing twice.
        moves_.leave(receiver.broadcast, receiver.ticket);
    ++applied_.moved[receiver.broadcast];
}

void Applying::settle(const InboxReceipt& row, ReceiptOutcome outcome) {
    const auto& receipt = row.receipt;
    if (row.inbox_id && outcome == ReceiptOutcome::kept) {
        postpone(transaction_, row);
    } else if (row.inbox_id) {
        db_.run(sql::kClearReceipt, *row.inbox_id);
    } else if (outcome == ReceiptOutcome::kept) {
        keep_receipt(transaction_, receipt);
    }
}

} // namespace

AppliedReceipts apply_receipts(Transaction& transaction, const std::vector<InboxReceipt>& receipts) {
    return Applying(transaction, receipts).run();
}

AppliedReceipts apply_one_by_one(Transaction& transaction, const std::vector<InboxReceipt>& receipts,
                                 std::vector<std::optional<MessageId>>& refused) {
    AppliedReceipts all;
    for (const auto& row : receipts) {
        AppliedReceipts applied{{ReceiptOutcome::kept}, {}};
        const std::vector<InboxReceipt> one(1, row);
        // A savepoint per receipt copies each page that it changes, which is why this is not the
        // usual way.
        if (!in_savepoint(transaction.db, [&] { applied = apply_receipts(transaction, one); })) {
            refused.push_back(row.receipt.message);
            if (row.inbox_id)
                postpone(transaction, row);
        }
        all.outcomes.push_back(applied.outcomes.front());
        for (const auto& [broadcast, count] : applied.moved)
            all.moved[broadcast] += count;
    }
    return all;
}

void keep_receipt(Transaction& transaction, const Receipt& receipt) {
    transaction.db.run(sql::kKeepReceipt, transaction.now, receipt.message, clean_text(receipt.provider_id),
                       receipt.delivered, code_of(receipt), receipt.provider);
}

std::vector<InboxReceipt> due_receipts(Transaction& transaction) {
    std::vector<InboxReceipt> due;
    Query row(transaction.db, sql::kInboxDue, transaction.now);
    while (row.next()) {
        const auto message = row.maybe_uuid(1);
        due.push_back({Receipt{message ? std::optional(MessageId{*message}) : std::nullopt, std::string(row.text(2)),
                               row.flag(3), row.maybe_text(4), std::string(row.text(6))},
                       row.integer(0), row.small(5)});
    }
    // They were picked by due time but must be applied in the order in which they came.
    std::ranges::sort(due, {}, &InboxReceipt::inbox_id);
    return due;
}

void log_applied(const AppliedReceipts& applied) {
    for (const auto& [broadcast, count] : applied.moved)
        log::debug("receipts_applied", {{"broadcast_id", broadcast}, {"count", count}});
}

} // namespace smsbcast::adapters::sqlite
