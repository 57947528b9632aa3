#include "take.hpp"

#include "hold.hpp"
#include "query.hpp"
#include "ticket_rows.hpp"
#include "ticket_statements.hpp"

#include "smsbcast/domain/broadcast.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace smsbcast::adapters::sqlite {

namespace {

struct Text {
    bool runs = false;
    std::shared_ptr<const std::string> text;
    std::optional<std::chrono::milliseconds> expires_in;
};
using Texts = std::unordered_map<BroadcastId, Text>;

// Tickets of one broadcast share its text, which is read once per call and not per ticket.
const Text& text_of(Transaction& transaction, Texts& texts, BroadcastId broadcast) {
    auto& text = texts[broadcast];
    if (text.text)
        return text;
    Query row(transaction.db, sql::kBroadcastText, broadcast);
    const bool found = row.next();
    if (found && !row.is_null(2))
        // The worker gets a span and not a time of day, so that its own clock need not agree with
        // the store's.
        text.expires_in = std::chrono::milliseconds(row.integer(2) - transaction.now);
    const bool has_time = !text.expires_in || text.expires_in->count() > 0;
    text.runs = found && has_time && row.small(0) == static_cast<int>(BroadcastStatus::running);
    text.text = std::make_shared<const std::string>(found ? row.text(1) : "");
    return text;
}

// The attempt moves on in every case: whatever an earlier one still has under way (a late confirm,
// a late result) finds another number and changes nothing. A worker that asks again because it
// never saw the answer is given the same attempt again; when the broadcast has ended meanwhile, the
// ticket goes back, and none of it was sent.
bool may_take(const TicketRow& ticket, const TicketRef& asked, WorkerId worker) {
    const bool is_free = ticket.fence == asked.fence && !ticket.lease_owner;
    const bool asks_again = ticket.fence - 1 == asked.fence && ticket.lease_owner == worker.value;
    return is_free || asks_again;
}

struct Asked {
    TicketRef ref;
    TicketRow row;
};

// Tickets that are not there any more were finished; the caller acknowledges them to the queue.
std::vector<Asked> rows_of(Connection& db, const std::vector<TicketRef>& tickets) {
    std::vector<Asked> rows;
    for (const auto& ref : tickets)
        if (auto row = find_ticket(db, ref.id))
            rows.push_back({ref, std::move(*row)});
    return rows;
}

// The queue cannot know of an attempt before the store does, so a ticket that is ahead shows an
// older copy of the file.
bool is_ahead(const Asked& asked) {
    return asked.row.fence < asked.ref.fence;
}

// The flag is set before the messages go out once more, in the transaction of the take.
void flag(Connection& db, const std::vector<PendingMessage>& messages) {
    for (const auto& message : messages)
        if (message.maybe_sent)
            db.run(sql::kFlagMessage, message.id);
}

} // namespace

std::vector<TakenTicket> take_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets, WorkerId worker,
                                      std::int64_t lease, Handover handover) {
    auto& db = transaction.db;
    const auto now = transaction.now;
    std::vector<TakenTicket> taken;
    Texts texts;
    std::optional<TicketId> last;
    const auto rows = rows_of(db, sorted(tickets));
    if (std::ranges::any_of(rows, is_ahead))
        hold(transaction, hold_reason(kTicketAhead));
    // This is read after the check above, so that one ticket that is ahead keeps all others of the
    // call from going out as well.
    const bool held = find_hold(db).has_value();
    std::size_t handed_over = 0;
    for (const auto& [asked, ticket] : rows) {
        const auto& [runs, text, expires_in] = text_of(transaction, texts, ticket.broadcast);
        // One ticket may stand in a batch under two fences. The first take moved its attempt, but
        // `rows` was read before.
        if (last == asked.id || !may_take(ticket, asked, worker))
            continue;
        last = asked.id;
        const auto attempt = ticket.lease_owner ? ticket.fence : ticket.fence + 1;
        // The ticket goes back with its attempt spent: the copy in the queue is worthless from now
        // on.
        if (held || !runs) {
            db.run(sql::kSendTicketBack, ticket.broadcast, ticket.id, attempt, now);
            continue;
        }
        db.run(sql::kTakeTicket, ticket.broadcast, ticket.id, attempt, now + lease, worker, now,
               handover != Handover::after_mark);
        // They are read after the take in the same transaction, by the only thread that writes, so
        // nothing can move one of them in between.
        auto messages = messages_of(db, ticket);
        if (handover == Handover::flagged)
            flag(db, messages);
        handed_over += messages.size();
        taken.push_back(
            {{ticket.id, static_cast<int>(attempt)}, ticket.broadcast, text, std::move(messages), expires_in});
    }
    // What is handed out may be sent, so an older copy of the file must be recognisable from here
    // on, even if no result is ever recorded.
    count_handed_over(transaction, handed_over);
    return taken;
}

std::vector<TicketRef> mark_in_flight(Transaction& transaction, const std::vector<TicketRef>& tickets) {
    std::vector<TicketRef> begun;
    for (const auto& ticket : sorted(tickets))
        if (transaction.db.run(sql::kMarkInFlight, ticket.id, ticket.fence, transaction.now) > 0)
            begun.push_back(ticket);
    count_handed_over(transaction, begun.size());
    return begun;
}

LeaseReport renew_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets, std::int64_t lease) {
    auto& db = transaction.db;
    std::unordered_set<TicketId> missing;
    for (const auto& ticket : tickets)
        missing.insert(ticket.id);
    LeaseReport report;
    for (const auto& ticket : sorted(tickets)) {
        if (db.run(sql::kRenewTicket, ticket.id, ticket.fence, transaction.now + lease) == 0)
            continue;
        // What is renewed is ours; whatever stays in the set belongs to another worker or went
        // back.
        missing.erase(ticket.id);
        Query row(db, sql::kTicketRuns, ticket.id, transaction.now);
        if (!row.next() || !row.flag(0))
            report.halted.push_back(ticket.id);
    }
    report.lost.assign(missing.begin(), missing.end());
    return report;
}

void give_tickets_back(Transaction& transaction, const std::vector<TicketRef>& tickets) {
    for (const auto& ticket : sorted(tickets))
        if (transaction.db.run(sql::kGiveBackTicket, ticket.id, ticket.fence, transaction.now) > 0)
            transaction.made_due = true;
}

} // namespace smsbcast::adapters::sqlite
