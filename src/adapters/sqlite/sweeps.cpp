#include "sweeps.hpp"

#include "receipt_statements.hpp"
#include "sweep.hpp"
#include "sweep_statements.hpp"

#include "smsbcast/domain/message_rules.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

using enum MessageStatus;

// `end` is canceled or expired. A message that an earlier attempt may have sent cannot be called
// either; it becomes unknown and waits for its receipt.
void end_tickets(Sweep& sweep, const std::vector<Uuid>& tickets, MessageStatus end, std::int64_t resolve_within) {
    sweep.empty(tickets, [&](const TicketRow& ticket, const PendingMessage& message) {
        const auto status = end_of_waiting(end, message.maybe_sent);
        const auto& [code, error_class, sentence] = lost_attempt();
        if (status == unknown)
            sweep.db.run(sql::kEndUncertainMessage, message.id, sweep.now + resolve_within, ticket.queued_at, code,
                         error_class, sentence);
        else
            sweep.db.run(sql::kEndMessage, message.id, static_cast<int>(status), ticket.queued_at);
        return status;
    });
}

} // namespace

// The broker lost these, or only holds them in a long backlog. Publishing a ticket twice is
// harmless, since it is taken once; it only costs the broker room.
Swept requeue_lost(Transaction& transaction, const SweepWay& way, std::int64_t after, Loss loss) {
    Sweep sweep(transaction, way);
    const bool doubles = loss == Loss::suspected;
    for (const auto& id : sweep.find(kMaxSimple, sql::kLostInQueue, sweep.now, after, doubles)) {
        sweep.change(kTicket, id, [&] { sweep.db.run(sql::kRequeue, id, sweep.now, kMaxRequeues); });
        ++sweep.swept.moved;
    }
    transaction.made_due = transaction.made_due || sweep.swept.moved > 0;
    return std::move(sweep.swept);
}

Swept finish_cancels(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within) {
    Sweep sweep(transaction, way);
    end_tickets(sweep, sweep.find(kMaxLeases, sql::kCancelable), canceled, resolve_within);
    // This runs in the same transaction as the emptying, so a small broadcast is canceled in one
    // call.
    for (const auto& id : sweep.find(kMaxSimple, sql::kEmptyCanceling)) {
        sweep.change(kBroadcast, id, [&] { sweep.db.run(sql::kFinishCanceled, id, sweep.now); });
        ++sweep.swept.moved;
    }
    return std::move(sweep.swept);
}

Swept expire_broadcasts(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within) {
    Sweep sweep(transaction, way);
    end_tickets(sweep, sweep.find(kMaxLeases, sql::kExpirable, sweep.now), expired, resolve_within);
    return std::move(sweep.swept);
}

Swept end_unresolved(Transaction& transaction, const SweepWay& way) {
    Sweep sweep(transaction, way);
    auto messages = sweep.find(kMaxSimple, sql::kUnresolved, sweep.now);
    // They were found in order of time; in order of id, neighbours in the file are written
    // together.
    std::sort(messages.begin(), messages.end());
    Moves moves;
    for (const auto& id : messages) {
        BroadcastId broadcast;
        auto end = failed;
        {
            // The query ends with this block, so the row is not being read while it is changed.
            Query row(sweep.db, sql::kUnresolvedMessage, id);
            if (!row.next())
                continue;
            broadcast = BroadcastId{row.uuid(0)};
            MessageFacts facts;
            facts.status = unknown;
            facts.error_class = row.text(1);
            end = end_of_unknown(facts);
        }
        const auto end_it = [&] {
            if (end == sent)
                sweep.db.run(sql::kEndAsSent, id);
            else
                sweep.db.run(sql::kFailMessage, id, kUnknownClass, kNoReceiptInTime);
        };
        if (sweep.change(kMessage, id, end_it))
            moves.count(broadcast, unknown, end);
        ++sweep.swept.moved;
    }
    moves.write(sweep.db);
    return std::move(sweep.swept);
}

Swept complete_broadcasts(Transaction& transaction, const SweepWay& way) {
    Sweep sweep(transaction, way);
    for (const auto& id : sweep.find(kMaxSimple, sql::kCompleted)) {
        if (sweep.change(kBroadcast, id, [&] { sweep.db.run(sql::kComplete, id, sweep.now); }))
            sweep.swept.completed.push_back({BroadcastId{id}, 0});
        ++sweep.swept.moved;
    }
    // The totals are for the log lines alone, which the caller writes after the commit.
    for (auto& broadcast : sweep.swept.completed) {
        Query row(sweep.db, sql::kTotal, broadcast.id);
        broadcast.total = row.next() ? row.integer(0) : 0;
    }
    return std::move(sweep.swept);
}

std::int64_t purge_inbox(Transaction& transaction, std::int64_t retention) {
    return transaction.db.run(sql::kPurgeInbox, transaction.now - retention);
}

ReceiptSigns receipt_signs(Transaction& transaction) {
    ReceiptSigns signs;
    std::optional<Uuid> failed;
    {
        Query row(transaction.db, sql::kReceiptSigns);
        row.next();
        signs = {row.integer(0), row.flag(1)};
        failed = row.maybe_uuid(2);
    }
    // A receipt of failure leaves no count of its own, so it is looked for only where nothing else
    // shows that receipts come.
    if (!signs.any && failed)
        signs.any = Query(transaction.db, sql::kFailedByReceipt, *failed, kByReceipt).next();
    return signs;
}

} // namespace smsbcast::adapters::sqlite
