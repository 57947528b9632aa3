#include "creation.hpp"

#include "creation_statements.hpp"
#include "query.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::adapters::sqlite {

namespace {

// It takes the writer some 20 ms, as a piece of BroadcastIntake::kMost messages does, which is what
// others wait for at most. A ticket stands in more indexes than a message, so fewer of them fit in.
constexpr int kMessagesCleared = 10'000, kTicketsCleared = 2'000;

} // namespace

// A second creation of an id must not add its messages to those of the first.
Result<void> Creation::look_for_others(Connection& db) {
    if (Query(db, sql::kIsCreated, id_).next())
        done_before_ = true;
    else if (Query(db, sql::kIsCreating, id_).next())
        return Errc::conflict;
    return {};
}

// Messages are inserted in order of id, which is the order of the table: each page is filled once
// and left.
void Creation::write_messages(Transaction& transaction, const std::vector<PhoneNumber>& recipients) {
    for (const auto& ticket : plan_.next(recipients.size())) {
        for (std::size_t i = 0; i < ticket.size(); ++i) {
            const auto phone = static_cast<std::int64_t>(recipients[ticket.from + i].digits());
            transaction.db.run(sql::kInsertMessage, ticket.messages[i], id_, ticket.id, phone);
        }
        transaction.db.run(sql::kInsertTicket, id_, ticket.id, ticket.first(), ticket.last(), ticket.size(),
                           transaction.now);
    }
}

// This row makes the broadcast exist. All reads, claims and sweeps start from it, so whatever
// earlier pieces wrote is invisible until this commit and complete after it.
void Creation::write_broadcast(Transaction& transaction, const BroadcastContent& content) {
    std::optional<std::int64_t> expires_at;
    if (content.expires_at)
        expires_at = milliseconds_of(*content.expires_at);
    transaction.db.run(sql::kInsertBroadcast, id_, content.tenant, transaction.now, plan_.total(), first_message_,
                       plan_.last_message(), content.name, content.text, expires_at);
    transaction.db.run(sql::kInsertCounts, id_);
    // The writer wakes the relay once the commit is on the disk.
    transaction.made_due = true;
}

// The row of `creating` was made by the first piece and is removed by the clearing job only for
// creations that nobody is at. Its absence is a bug, and going on would leave messages that nothing
// ever clears.
void Creation::note_range(Connection& db, bool is_first) {
    const auto& statement = is_first ? sql::kBeginCreating : sql::kGoOnCreating;
    if (db.run(statement, id_, first_message_, plan_.last_message()) != 1)
        throw std::logic_error("a broadcast was cleared while it was being created");
}

Result<void> Creation::write_piece(Transaction& transaction, const std::vector<PhoneNumber>& recipients) {
    const bool is_first = plan_.total() == 0;
    if (is_first)
        if (const auto alone = look_for_others(transaction.db); !alone)
            return alone;
    if (done_before_)
        return {};
    write_messages(transaction, recipients);
    note_range(transaction.db, is_first);
    return {};
}

Result<IntakeOutcome> Creation::finish(Transaction& transaction, const std::vector<PhoneNumber>& recipients,
                                       const BroadcastContent& content) {
    const bool is_only = plan_.total() == 0;
    if (is_only && !done_before_)
        if (const auto alone = look_for_others(transaction.db); !alone)
            return alone.error();
    if (done_before_)
        return IntakeOutcome::done_before;
    write_messages(transaction, recipients);
    if (!is_only) {
        note_range(transaction.db, false);
        transaction.db.run(sql::kEndCreating, id_, first_message_);
    }
    write_broadcast(transaction, content);
    return IntakeOutcome::stored;
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
