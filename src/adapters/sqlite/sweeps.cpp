#include "sweeps.hpp"

#include "moves.hpp"
#include "query.hpp"
#include "receipt_statements.hpp"
#include "sweep_statements.hpp"
#include "ticket_rows.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

using enum MessageStatus;

// Of a sweep that moves messages: some 20 ms.
constexpr std::size_t kMostMessages = 5000;

template <class... Values>
std::vector<TicketId> find_tickets(Connection& db, const Statement& statement, const Values&... values) {
    std::vector<TicketId> tickets;
    Query row(db, statement, values...);
    while (row.next())
        tickets.push_back(TicketId{row.uuid(0)});
    return tickets;
}

/// Takes all messages out of tickets until it has moved enough. Gives the number of tickets.
template <class Move>
std::int64_t empty(Connection& db, const std::vector<TicketId>& tickets, Move move) {
    Moves moves;
    std::size_t messages = 0;
    std::int64_t emptied = 0;
    for (const auto& id : tickets) {
        const auto ticket = find_ticket(db, id);
        if (!ticket || messages >= kMostMessages)
            break;
        for (const auto& message : messages_of(db, *ticket)) {
            moves.count(ticket->broadcast, pending, move(*ticket, message));
            moves.leave(ticket->broadcast, id);
            ++messages;
        }
        ++emptied;
    }
    moves.write(db);
    return emptied;
}

// `end` is canceled or expired; a message of which an earlier attempt may have reached the provider can be called
// neither.
std::int64_t end_tickets(Transaction& transaction, const std::vector<TicketId>& tickets, MessageStatus end,
                         std::int64_t resolve_within) {
    auto& db = transaction.db;
    const auto move = [&](const TicketRow& ticket, const PendingMessage& message) {
        if (message.maybe_sent)
            db.run(sql::kEndUncertainMessage, message.id, transaction.now + resolve_within, ticket.queued_at);
        else
            db.run(sql::kEndMessage, message.id, static_cast<int>(end), ticket.queued_at);
        return message.maybe_sent ? unknown : end;
    };
    return empty(db, tickets, move);
}

// Which of its messages a lost worker had sent nobody knows, so the history of each tells of it, once a ticket however
// many workers it outlives.
void expire_lease(Transaction& transaction, const TicketId& id) {
    auto& db = transaction.db;
    const auto ticket = find_ticket(db, id);
    if (ticket && ticket->at_once && !ticket->interrupted)
        for (const auto& message : messages_of(db, *ticket))
            db.run(sql::kNoteLost, message.id, transaction.now, message.attempts);
    db.run(sql::kExpireLease, id, transaction.now);
    transaction.made_due = true;
}

} // namespace

std::int64_t expire_leases(Transaction& transaction, std::int64_t resolve_within) {
    auto& db = transaction.db;
    const auto now = transaction.now;
    const auto again = find_tickets(db, sql::kNotBegunAndExpired, now);
    for (const auto& id : again)
        expire_lease(transaction, id);
    const auto lose = [&](const TicketRow& ticket, const PendingMessage& message) {
        db.run(sql::kLoseMessage, message.id, now + resolve_within, ticket.queued_at);
        db.run(sql::kNoteLost, message.id, now, message.attempts + 1);
        return unknown;
    };
    return std::ssize(again) + empty(db, find_tickets(db, sql::kBegunAndExpired, now), lose);
}

std::int64_t requeue_lost(Transaction& transaction, std::int64_t after, Loss loss) {
    const auto requeued = transaction.db.run(sql::kRequeueLost, transaction.now, after, loss == Loss::suspected);
    if (requeued > 0)
        transaction.made_due = true;
    return requeued;
}

std::int64_t purge_inbox(Transaction& transaction, std::int64_t retention) {
    return transaction.db.run(sql::kPurgeInbox, transaction.now - retention);
}

std::int64_t finish_cancels(Transaction& transaction, std::int64_t resolve_within) {
    auto& db = transaction.db;
    const auto emptied = end_tickets(transaction, find_tickets(db, sql::kCancelable), canceled, resolve_within);
    return emptied + db.run(sql::kFinishCanceled, transaction.now);
}

std::int64_t expire_broadcasts(Transaction& transaction, std::int64_t resolve_within) {
    const auto tickets = find_tickets(transaction.db, sql::kExpirable, transaction.now);
    return end_tickets(transaction, tickets, expired, resolve_within);
}

std::int64_t fail_unresolved(Transaction& transaction) {
    auto& db = transaction.db;
    std::vector<std::pair<MessageId, BroadcastId>> found;
    {
        Query row(db, sql::kUnresolved, transaction.now);
        while (row.next())
            found.emplace_back(MessageId{row.uuid(0)}, BroadcastId{row.uuid(1)});
    }
    std::sort(found.begin(), found.end());
    Moves moves;
    for (const auto& [message, broadcast] : found) {
        db.run(sql::kFailMessage, message);
        moves.count(broadcast, unknown, failed);
    }
    moves.write(db);
    return static_cast<std::int64_t>(found.size());
}

std::vector<CompletedBroadcast> complete_broadcasts(Transaction& transaction) {
    std::vector<CompletedBroadcast> completed;
    {
        Query row(transaction.db, sql::kCompleted);
        while (row.next())
            completed.push_back({BroadcastId{row.uuid(0)}, row.integer(1)});
    }
    for (const auto& broadcast : completed)
        transaction.db.run(sql::kComplete, broadcast.id, transaction.now);
    return completed;
}

} // namespace smsbcast::adapters::sqlite
