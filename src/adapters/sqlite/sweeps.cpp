#include "sweeps.hpp"

#include "moves.hpp"
#include "query.hpp"
#include "receipt_statements.hpp"
#include "savepoint.hpp"
#include "sweep_statements.hpp"
#include "ticket_rows.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

using enum MessageStatus;

// Of a sweep that moves messages: some 20 ms.
constexpr std::size_t kMostMessages = 5000;

constexpr std::size_t kMostLeases = 50;
constexpr std::size_t kMostTickets = 20;
constexpr std::size_t kMostSimple = 500; ///< rows that are changed by a statement each

constexpr const char* kTicket = "ticket_id";
constexpr const char* kMessage = "message_id";
constexpr const char* kBroadcast = "broadcast_id";

/// One sweep under way.
class Sweep {
public:
    Sweep(Transaction& to_transaction, const SweepWay& way)
        : transaction(to_transaction), db(to_transaction.db), now(to_transaction.now), way_(way) {}

    /// The first of those that a statement finds.
    template <class... Values>
    std::vector<Uuid> find(std::size_t most, const Statement& statement, const Values&... values) {
        std::vector<Uuid> ids;
        Query row(db, statement, values...);
        while (ids.size() < most && row.next())
            if (!way_.set_aside.contains(row.uuid(0)))
                ids.push_back(row.uuid(0));
        return ids;
    }

    /// False when it was refused, which is noted.
    template <class Work>
    bool change(const char* name, const Uuid& id, Work work) {
        if (!way_.one_by_one) {
            work();
            return true;
        }
        const bool changed = in_savepoint(db, work);
        if (!changed)
            swept.refused.push_back({name, id});
        return changed;
    }

    /// Takes all messages out of tickets until it has moved enough.
    template <class Move>
    void empty(const std::vector<Uuid>& tickets, Move move) {
        Moves moves;
        std::size_t messages = 0;
        for (const auto& id : tickets) {
            const auto ticket = find_ticket(db, TicketId{id});
            if (!ticket || messages >= kMostMessages)
                break;
            if (way_.one_by_one)
                empty_alone(*ticket, move);
            else
                messages += take_out(*ticket, move, moves);
            ++swept.moved;
        }
        moves.write(db);
    }

    Transaction& transaction;
    Connection& db;
    const std::int64_t now;
    Swept swept;

private:
    template <class Move>
    std::size_t take_out(const TicketRow& ticket, Move move, Moves& moves) {
        std::size_t taken = 0;
        for (const auto& message : messages_of(db, ticket)) {
            auto end = pending;
            if (!change(kMessage, message.id.value, [&] { end = move(ticket, message); }))
                continue;
            moves.count(ticket.broadcast, pending, end);
            moves.leave(ticket.broadcast, ticket.id);
            ++taken;
        }
        return taken;
    }

    // With a message that cannot be taken out, the ticket stays.
    template <class Move>
    void empty_alone(const TicketRow& ticket, Move move) {
        const auto refused_before = swept.refused.size();
        const bool emptied = change(kTicket, ticket.id.value, [&] {
            Moves own;
            take_out(ticket, move, own);
            own.write(db);
        });
        if (emptied && swept.refused.size() != refused_before)
            swept.refused.push_back({kTicket, ticket.id.value});
    }

    const SweepWay& way_;
};

// `end` is canceled or expired; a message of which an earlier attempt may have reached the provider can be called
// neither.
void end_tickets(Sweep& sweep, const std::vector<Uuid>& tickets, MessageStatus end, std::int64_t resolve_within) {
    sweep.empty(tickets, [&](const TicketRow& ticket, const PendingMessage& message) {
        if (message.maybe_sent)
            sweep.db.run(sql::kEndUncertainMessage, message.id, sweep.now + resolve_within, ticket.queued_at);
        else
            sweep.db.run(sql::kEndMessage, message.id, static_cast<int>(end), ticket.queued_at);
        return message.maybe_sent ? unknown : end;
    });
}

void lose(Sweep& sweep, const TicketRow& ticket, const PendingMessage& message, std::int64_t resolve_within) {
    sweep.db.run(sql::kLoseMessage, message.id, sweep.now + resolve_within, ticket.queued_at);
    sweep.db.run(sql::kNoteLost, message.id, sweep.now, message.attempts + 1);
}

bool is_flagged(Connection& db, MessageId id) {
    Query row(db, sql::kIsFlagged, id);
    return row.next() && row.flag(0);
}

// Which of its messages a lost worker had sent nobody knows, so the history of each tells of it, once a ticket however
// many workers it outlives. One that was flagged before has gone out once more, and does not go out again. False when
// one of those cannot be taken out of the ticket.
bool account_for_messages(Sweep& sweep, const TicketRow& ticket, std::int64_t resolve_within, Moves& moves) {
    bool complete = true;
    for (const auto& message : messages_of(sweep.db, ticket)) {
        const bool flagged = is_flagged(sweep.db, message.id);
        if (!flagged && ticket.interrupted)
            continue;
        const bool changed = sweep.change(kMessage, message.id.value, [&] {
            if (flagged)
                lose(sweep, ticket, message, resolve_within);
            else
                sweep.db.run(sql::kNoteLost, message.id, sweep.now, message.attempts);
        });
        complete = complete && (changed || !flagged);
        if (!changed || !flagged)
            continue;
        moves.count(ticket.broadcast, pending, unknown);
        moves.leave(ticket.broadcast, ticket.id);
    }
    return complete;
}

void expire_lease(Sweep& sweep, const Uuid& id, std::int64_t resolve_within) {
    const auto ticket = find_ticket(sweep.db, TicketId{id});
    if (!ticket)
        return;
    bool due = true;
    const bool changed = sweep.change(kTicket, id, [&] {
        Moves moves;
        due = !ticket->at_once || account_for_messages(sweep, *ticket, resolve_within, moves);
        if (due)
            sweep.db.run(sql::kExpireLease, id, sweep.now);
        moves.write(sweep.db);
    });
    if (changed && !due)
        sweep.swept.refused.push_back({kTicket, id});
    ++sweep.swept.moved;
    sweep.transaction.made_due = true;
}

} // namespace

Swept expire_leases(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within) {
    Sweep sweep(transaction, way);
    for (const auto& id : sweep.find(kMostLeases, sql::kNotBegunAndExpired, sweep.now))
        expire_lease(sweep, id, resolve_within);
    sweep.empty(sweep.find(kMostTickets, sql::kBegunAndExpired, sweep.now),
                [&](const TicketRow& ticket, const PendingMessage& message) {
                    lose(sweep, ticket, message, resolve_within);
                    return unknown;
                });
    return std::move(sweep.swept);
}

Swept requeue_lost(Transaction& transaction, const SweepWay& way, std::int64_t after, Loss loss) {
    Sweep sweep(transaction, way);
    const bool doubles = loss == Loss::suspected;
    for (const auto& id : sweep.find(kMostSimple, sql::kLostInQueue, sweep.now, after, doubles)) {
        sweep.change(kTicket, id, [&] { sweep.db.run(sql::kRequeue, id, sweep.now); });
        ++sweep.swept.moved;
    }
    transaction.made_due = transaction.made_due || sweep.swept.moved > 0;
    return std::move(sweep.swept);
}

Swept finish_cancels(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within) {
    Sweep sweep(transaction, way);
    end_tickets(sweep, sweep.find(kMostLeases, sql::kCancelable), canceled, resolve_within);
    for (const auto& id : sweep.find(kMostSimple, sql::kEmptyCanceling)) {
        sweep.change(kBroadcast, id, [&] { sweep.db.run(sql::kFinishCanceled, id, sweep.now); });
        ++sweep.swept.moved;
    }
    return std::move(sweep.swept);
}

Swept expire_broadcasts(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within) {
    Sweep sweep(transaction, way);
    end_tickets(sweep, sweep.find(kMostLeases, sql::kExpirable, sweep.now), expired, resolve_within);
    return std::move(sweep.swept);
}

Swept end_unresolved(Transaction& transaction, const SweepWay& way) {
    Sweep sweep(transaction, way);
    auto messages = sweep.find(kMostSimple, sql::kUnresolved, sweep.now);
    std::sort(messages.begin(), messages.end());
    Moves moves;
    for (const auto& id : messages) {
        BroadcastId broadcast;
        bool taken = false;
        {
            Query row(sweep.db, sql::kUnresolvedMessage, id);
            if (!row.next())
                continue;
            broadcast = BroadcastId{row.uuid(0)};
            taken = row.flag(1);
        }
        if (sweep.change(kMessage, id, [&] { sweep.db.run(taken ? sql::kEndAsSent : sql::kFailMessage, id); }))
            moves.count(broadcast, unknown, taken ? sent : failed);
        ++sweep.swept.moved;
    }
    moves.write(sweep.db);
    return std::move(sweep.swept);
}

Swept complete_broadcasts(Transaction& transaction, const SweepWay& way) {
    Sweep sweep(transaction, way);
    for (const auto& id : sweep.find(kMostSimple, sql::kCompleted)) {
        if (sweep.change(kBroadcast, id, [&] { sweep.db.run(sql::kComplete, id, sweep.now); }))
            sweep.swept.completed.push_back({BroadcastId{id}, 0});
        ++sweep.swept.moved;
    }
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
    if (!signs.any && failed)
        signs.any = Query(transaction.db, sql::kFailedByReceipt, *failed).next();
    return signs;
}

} // namespace smsbcast::adapters::sqlite
