#include "sweep.hpp"
#include "sweep_statements.hpp"

#include "smsbcast/domain/message_rules.hpp"

namespace smsbcast::adapters::sqlite {

namespace {

using enum MessageStatus;

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

} // namespace smsbcast::adapters::sqlite
