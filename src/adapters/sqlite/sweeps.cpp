#include "sweeps.hpp"

#include "moves.hpp"
#include "query.hpp"
#include "receipt_statements.hpp"
#include "savepoint.hpp"
#include "sweep_statements.hpp"
#include "ticket_rows.hpp"

#include "smsbcast/domain/message_rules.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

using enum MessageStatus;

// A sweep that moves messages ends after about so many, some 20 ms of the writer: everybody else
// waits for it.
constexpr std::size_t kMaxSweptMessages = 5000;

// A ticket holds up to 1000 messages, so these bound what is looked at before kMaxSweptMessages bounds
// what is moved.
constexpr std::size_t kMaxLeases = 50;
constexpr std::size_t kMaxTickets = 20;
constexpr std::size_t kMaxSimple = 500; ///< rows that are changed by a statement each

constexpr const char* kTicket = "ticket_id";
constexpr const char* kMessage = "message_id";
constexpr const char* kBroadcast = "broadcast_id";

/// One sweep under way.
class Sweep {
public:
    Sweep(Transaction& to_transaction, const SweepWay& way)
        : transaction(to_transaction), db(to_transaction.db), now(to_transaction.now), way_(way) {}

    // It collects the first ids that a statement finds and closes it, so that the changes that
    // follow do not move the ground under a statement that is being stepped. Rows that were refused
    // lately are passed over, or they would fill the bound each time.
    template <class... Values>
    std::vector<Uuid> find(std::size_t most, const Statement& statement, const Values&... values) {
        std::vector<Uuid> ids;
        Query row(db, statement, values...);
        while (ids.size() < most && row.next())
            if (!way_.set_aside.contains(row.uuid(0)))
                ids.push_back(row.uuid(0));
        return ids;
    }

    // False means that the row was refused, which is noted. Without savepoints a refusal is thrown
    // and undoes the whole sweep, which is then run again row by row.
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

    // It takes all messages out of tickets until it has moved enough. Counts are written once at
    // the end.
    template <class Move>
    void empty(const std::vector<Uuid>& tickets, Move move) {
        Moves moves;
        std::size_t messages = 0;
        for (const auto& id : tickets) {
            const auto ticket = find_ticket(db, TicketId{id});
            if (!ticket || messages >= kMaxSweptMessages)
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

    // Each ticket is its own savepoint here, around those of its messages. A message that cannot be
    // taken out keeps the ticket, which is then reported as well, so that the next sweep passes it
    // over.
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

void note_lost(Sweep& sweep, const PendingMessage& message, int attempts) {
    const auto& [code, error_class, sentence] = lost_attempt();
    sweep.db.run(sql::kNoteLost, message.id, sweep.now, attempts, code, error_class, sentence);
}

// The message may have been sent, so it leaves the ticket and is never sent again by us; a receipt
// may still say what became of it.
void lose(Sweep& sweep, const TicketRow& ticket, const PendingMessage& message, std::int64_t resolve_within) {
    const auto& [code, error_class, sentence] = lost_attempt();
    sweep.db.run(sql::kLoseMessage, message.id, sweep.now + resolve_within, ticket.queued_at, code, error_class,
                 sentence);
    note_lost(sweep, message, message.attempts + 1);
}

// The rules of the domain see facts and no rows, so the same rules hold for both stores.
TicketFacts facts_of(const TicketRow& ticket) {
    TicketFacts facts;
    facts.fence = static_cast<int>(ticket.fence);
    facts.is_first = !ticket.message_ids;
    facts.begun = ticket.begun;
    facts.at_once = ticket.at_once;
    facts.interrupted = ticket.interrupted;
    return facts;
}

bool is_flagged(Connection& db, MessageId id) {
    Query row(db, sql::kIsFlagged, id);
    return row.next() && row.flag(0);
}

// False means that a message that must not go out again cannot be taken out of the ticket. Then the
// ticket must not become due either.
bool account_for_messages(Sweep& sweep, const TicketRow& ticket, std::int64_t resolve_within, Moves& moves) {
    bool complete = true;
    for (const auto& message : messages_of(sweep.db, ticket)) {
        const auto effect = effect_of_lost_lease(facts_of(ticket), is_flagged(sweep.db, message.id));
        // Most messages of most lost tickets come by here: nothing of them is written, and the
        // ticket alone moves.
        if (effect == LostLease::again)
            continue;
        const bool is_lost = effect == LostLease::unknown;
        const bool changed = sweep.change(kMessage, message.id.value, [&] {
            if (is_lost)
                lose(sweep, ticket, message, resolve_within);
            else
                note_lost(sweep, message, message.attempts);
        });
        // A line of history that cannot be written is given up; a message that may have been sent
        // is not.
        complete = complete && (changed || !is_lost);
        if (!changed || !is_lost)
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
        // Without at_once nothing went out before mark_in_flight(), so the messages need not be
        // read at all.
        due = !ticket->at_once || account_for_messages(sweep, *ticket, resolve_within, moves);
        if (due)
            sweep.db.run(sql::kExpireLease, id, sweep.now);
        moves.write(sweep.db);
    });
    // The savepoint succeeded without making the ticket due. It is set aside, since the next sweep
    // would fail on it in the same way.
    if (changed && !due)
        sweep.swept.refused.push_back({kTicket, id});
    ++sweep.swept.moved;
    // The writer wakes the relay after the commit, so that a lost worker's tickets go out again at
    // once.
    sweep.transaction.made_due = true;
}

} // namespace

Swept expire_leases(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within) {
    Sweep sweep(transaction, way);
    for (const auto& id : sweep.find(kMaxLeases, sql::kNotBegunAndExpired, sweep.now))
        expire_lease(sweep, id, resolve_within);
    // Tickets that were begun end here altogether: mark_in_flight() was committed before the first
    // message left, and nothing says how far the worker got.
    sweep.empty(sweep.find(kMaxTickets, sql::kBegunAndExpired, sweep.now),
                [&](const TicketRow& ticket, const PendingMessage& message) {
                    lose(sweep, ticket, message, resolve_within);
                    return unknown;
                });
    return std::move(sweep.swept);
}

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
