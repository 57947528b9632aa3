#include "creation.hpp"

#include "creation_statements.hpp"
#include "query.hpp"

#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

// A piece takes the writer some 20 ms, which is what others then wait for at most.
constexpr std::size_t kMessagesAPiece = 10'000;
// Clearing is bounded by the same time. A ticket stands in more indexes than a message, so fewer of
// them fit into it.
constexpr int kMessagesCleared = 10'000, kTicketsCleared = 2'000;

} // namespace

std::size_t Creation::pieces() const {
    const auto per_ticket = static_cast<std::size_t>(broadcast_.ticket_size);
    // A piece consists of whole tickets: a ticket whose messages stand in two transactions could be
    // seen half.
    const auto per_piece = (kMessagesAPiece + per_ticket - 1) / per_ticket * per_ticket;
    return (broadcast_.recipients.size() + per_piece - 1) / per_piece;
}

// Messages are inserted in order of id, which is the order of the table: each page is filled once
// and left.
void Creation::write_ticket(Transaction& transaction, PlannedTicket ticket) {
    for (std::size_t i = 0; i < ticket.size; ++i) {
        const auto phone = static_cast<std::int64_t>(broadcast_.recipients[ticket.from + i].digits());
        transaction.db.run(sql::kInsertMessage, ticket.messages.next(), broadcast_.id, ticket.id, phone);
    }
    transaction.db.run(sql::kInsertTicket, broadcast_.id, ticket.id, ticket.first, ticket.last, ticket.size,
                       transaction.now);
    last_message_ = ticket.last.value;
    written_ += ticket.size;
}

void Creation::write_tickets(Transaction& transaction) {
    const auto end = std::min(written_ + kMessagesAPiece, broadcast_.recipients.size());
    while (written_ < end)
        write_ticket(transaction, plan_.next().value());
}

// This row makes the broadcast exist. All reads, claims and sweeps start from it, so whatever
// earlier pieces wrote is invisible until this commit and complete after it.
void Creation::write_broadcast(Transaction& transaction) {
    std::optional<std::int64_t> expires_at;
    if (broadcast_.expires_at)
        expires_at = std::chrono::floor<std::chrono::milliseconds>(broadcast_.expires_at->time_since_epoch()).count();
    transaction.db.run(sql::kInsertBroadcast, broadcast_.id, transaction.now, broadcast_.recipients.size(),
                       first_message_, last_message_, broadcast_.name, broadcast_.text, expires_at);
    transaction.db.run(sql::kInsertCounts, broadcast_.id);
    // The writer wakes the relay once the commit is on the disk.
    transaction.made_due = true;
}

Result<void> Creation::write_piece(Transaction& transaction) {
    auto& db = transaction.db;
    const bool is_first = written_ == 0;
    // A second call with the same id must not add its messages to those of the first.
    if (is_first && Query(db, sql::kIdTaken, broadcast_.id).next())
        return Errc::internal;
    write_tickets(transaction);
    const bool is_last = written_ == broadcast_.recipients.size();
    if (is_first && is_last) {
        write_broadcast(transaction);
        return {};
    }
    const auto& statement = is_first ? sql::kBeginCreating : sql::kGoOnCreating;
    // The row of `creating` was made by the first piece and is removed by the clearing job only for
    // creations that nobody is at. Its absence is a bug, and going on would leave messages that
    // nothing ever clears.
    if (db.run(statement, broadcast_.id, first_message_, last_message_) != 1)
        throw std::logic_error("a broadcast was cleared while it was being created");
    if (is_last) {
        db.run(sql::kEndCreating, broadcast_.id, first_message_);
        write_broadcast(transaction);
    }
    return {};
}

void clear_piece(Transaction& transaction, BroadcastId broadcast, const Uuid& first_message) {
    auto& db = transaction.db;
    Uuid last;
    {
        Query found(db, sql::kFindCreating, broadcast, first_message);
        if (!found.next())
            return;
        last = found.uuid(0);
    }
    // Messages go first and the row of `creating` last, in a transaction that found nothing else
    // left: a crash at any point leaves the row, and the next opening goes on.
    const auto messages = db.run(sql::kClearMessages, broadcast, first_message, last, kMessagesCleared);
    const auto tickets = db.run(sql::kClearTickets, broadcast, kTicketsCleared);
    if (messages > 0 || tickets > 0)
        return;
    db.run(sql::kEndCreating, broadcast, first_message);
    log::info("unfinished_broadcast_cleared", {{"broadcast_id", broadcast}});
}

std::vector<std::pair<BroadcastId, Uuid>> all_creating(Connection& db) {
    std::vector<std::pair<BroadcastId, Uuid>> found;
    Query query(db, sql::kAllCreating);
    while (query.next())
        found.emplace_back(BroadcastId{query.uuid(0)}, query.uuid(1));
    return found;
}

// This runs while the file is opened, before any role can ask for anything, and so without a bound
// on its time but with one on each transaction.
void clear_leftovers(Connection& db) {
    for (auto left = all_creating(db); !left.empty(); left = all_creating(db)) {
        db.execute("BEGIN IMMEDIATE");
        Transaction transaction{db, 0};
        clear_piece(transaction, left.front().first, left.front().second);
        db.execute("COMMIT");
    }
}

} // namespace smsbcast::adapters::sqlite
