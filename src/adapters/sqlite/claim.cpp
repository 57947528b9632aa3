#include "claim.hpp"

#include "query.hpp"
#include "ticket_rows.hpp"
#include "ticket_statements.hpp"

#include "smsbcast/base/random.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::adapters::sqlite {

namespace {

// The order is random, so that no broadcast is always the one that gets a ticket more, and so that
// each has its chance where there are more than kMaxTurns.
std::vector<BroadcastId> turns(Transaction& transaction) {
    std::vector<BroadcastId> broadcasts;
    Query row(transaction.db, sql::kBroadcastsDue, transaction.now);
    while (row.next())
        broadcasts.push_back(BroadcastId{row.uuid(0)});
    for (std::size_t left = broadcasts.size(); left > 1; --left)
        std::swap(broadcasts[left - 1], broadcasts[random_bits() % left]);
    broadcasts.resize(std::min(broadcasts.size(), kMaxTurns));
    return broadcasts;
}

// A claim is a due time in the near future, so whatever a relay that died had claimed comes back by
// itself.
std::optional<ClaimedTicket> claim_first(Transaction& transaction, BroadcastId broadcast, std::int64_t lease) {
    ClaimedTicket claimed;
    claimed.broadcast = broadcast;
    {
        Query row(transaction.db, sql::kFirstDue, broadcast, transaction.now);
        if (!row.next())
            return std::nullopt;
        claimed.ref = {TicketId{row.uuid(0)}, row.small(1)};
        claimed.messages = row.small(2);
    }
    transaction.db.run(sql::kClaimTicket, broadcast, claimed.ref.id, transaction.now + lease);
    return claimed;
}

} // namespace

// The relay asks this before each round: it publishes only what the workers will take soon.
OutboxLoad read_load(Transaction& transaction) {
    Query queued(transaction.db, sql::kQueuedLoad);
    Query due(transaction.db, sql::kBroadcastsDue, transaction.now);
    queued.next();
    return {queued.integer(0), due.next()};
}

// Round after round, each broadcast gives one ticket before any gives a second one, so that a
// broadcast of one recipient never waits behind a large one.
std::vector<ClaimedTicket> claim_tickets(Transaction& transaction, int max_messages, std::int64_t lease) {
    std::vector<ClaimedTicket> claimed;
    auto broadcasts = turns(transaction);
    // What is claimed must not be due any more, or it would be found again.
    const auto until = std::max<std::int64_t>(1, lease);
    std::int64_t messages = 0;
    while (!broadcasts.empty()) {
        std::vector<BroadcastId> others;
        for (const auto& broadcast : broadcasts) {
            if (messages >= max_messages)
                return claimed;
            const auto ticket = claim_first(transaction, broadcast, until);
            if (!ticket)
                continue;
            messages += ticket->messages;
            claimed.push_back(*ticket);
            others.push_back(broadcast);
        }
        broadcasts = std::move(others);
    }
    return claimed;
}

void mark_tickets_queued(Transaction& transaction, const std::vector<TicketRef>& tickets) {
    // The fence in the statement leaves alone what a worker took before its confirm was recorded.
    for (const auto& ticket : sorted(tickets))
        transaction.db.run(sql::kMarkQueued, ticket.id, ticket.fence, transaction.now);
}

void release_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets) {
    for (const auto& ticket : sorted(tickets))
        // The broker refused these, so the relay should try again soon and not only at its next
        // poll.
        if (transaction.db.run(sql::kReleaseTicket, ticket.id, ticket.fence, transaction.now) > 0)
            transaction.made_due = true;
}

} // namespace smsbcast::adapters::sqlite
