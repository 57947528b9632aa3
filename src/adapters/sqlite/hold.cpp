#include "hold.hpp"

#include "hold_statements.hpp"
#include "moves.hpp"
#include "query.hpp"
#include "ticket_rows.hpp"

#include "smsbcast/domain/message_text.hpp"

namespace smsbcast::adapters::sqlite {

namespace {

using enum MessageStatus;

// A release moves at most about so many messages per call, some 20 ms of the writer, so that others
// are served in between.
constexpr std::size_t kMaxHeldMessages = 5000;

// The ids are collected before anything else is read or changed: a statement that is being stepped
// must not see its own table change under it.
std::vector<TicketRow> held_tickets(Connection& db, const Hold& hold) {
    std::vector<TicketId> ids;
    {
        Query row(db, sql::kHeldTickets, milliseconds_of(hold.since));
        while (ids.size() < kMaxHeldMessages && row.next())
            ids.push_back(TicketId{row.uuid(0)});
    }
    std::vector<TicketRow> tickets;
    std::int64_t messages = 0;
    for (const auto& id : ids) {
        if (messages >= static_cast<std::int64_t>(kMaxHeldMessages))
            break;
        tickets.push_back(find_ticket(db, id).value());
        messages += tickets.back().left;
    }
    return tickets;
}

std::int64_t assume_sent(Transaction& transaction, const std::vector<TicketRow>& tickets, Timestamp since,
                         const ReleaseOptions& options) {
    // The sentence is made once and not per message.
    const auto sentence = assumed_sent_sentence(since);
    const auto resolve_by = transaction.now + options.resolve_within.count();
    std::int64_t assumed = 0;
    Moves moves;
    for (const auto& ticket : tickets)
        for (const auto& message : messages_of(transaction.db, ticket)) {
            transaction.db.run(sql::kAssumeSent, message.id, resolve_by, ticket.queued_at, milliseconds_of(since),
                               kRestored, kAssumedSent, sentence);
            moves.count(ticket.broadcast, pending, unknown);
            moves.leave(ticket.broadcast, ticket.id);
            ++assumed;
        }
    moves.write(transaction.db);
    return assumed;
}

} // namespace

std::optional<Hold> find_hold(Connection& db) {
    Query row(db, sql::kHeld);
    if (!row.next() || row.is_null(0))
        return std::nullopt;
    return Hold{row.time(0), std::string(row.text(1))};
}

Hold hold(Transaction& transaction, std::string_view because) {
    // An UPDATE that finds the installation held changes nothing, so the first reason stays and is
    // what is read back.
    transaction.db.run(sql::kHold, transaction.now, clean_text(because));
    return find_hold(transaction.db).value();
}

ReleaseReport release(Transaction& transaction, const ReleaseOptions& options) {
    const auto held = find_hold(transaction.db);
    if (!held)
        return {};
    if (options.assume_sent_since) {
        // The hold ends only in a call that finds nothing left to assume. A crash between two calls
        // leaves the installation held, and the next call goes on.
        const auto tickets = held_tickets(transaction.db, *held);
        if (!tickets.empty())
            return {assume_sent(transaction, tickets, *options.assume_sent_since, options), true};
    }
    transaction.db.run(sql::kUnhold);
    // Every ticket gets an attempt that no queue and no older copy of the file can know, in the
    // same transaction that ends the hold.
    transaction.db.run(sql::kFenceTickets, transaction.now);
    transaction.made_due = true;
    return {};
}

void count_handed_over(Transaction& transaction, std::size_t steps) {
    if (steps == 0)
        return;
    Query row(transaction.db, sql::kCountHandedOver, steps);
    if (row.next())
        transaction.handed_over = row.integer(0);
    row.next(); // to its end, or it would not be carried out
}

std::int64_t branch_off(Connection& db, std::int64_t known) {
    Query row(db, sql::kBranchOff, known);
    const auto count = row.next() ? row.integer(0) : known;
    row.next(); // to its end, or it would not be carried out
    return count;
}

bool work_is_left(Connection& db) {
    return Query(db, sql::kWorkLeft).next();
}

} // namespace smsbcast::adapters::sqlite
