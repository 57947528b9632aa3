#include "claim.hpp"

#include "query.hpp"
#include "ticket_rows.hpp"
#include "ticket_statements.hpp"

#include "smsbcast/base/random.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::adapters::sqlite {

namespace {

// In an order of chance, so that none is always the one that has a ticket more.
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

// A claim is a due time in the near future, so what a relay that died had claimed comes back by itself.
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

OutboxLoad read_load(Transaction& transaction) {
    Query queued(transaction.db, sql::kQueuedLoad);
    Query due(transaction.db, sql::kBroadcastsDue, transaction.now);
    queued.next();
    return {queued.integer(0), due.next()};
}

// Round after round: one ticket of each broadcast before a second one of any.
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
    for (const auto& ticket : sorted(tickets))
        transaction.db.run(sql::kMarkQueued, ticket.id, ticket.fence, transaction.now);
}

void release_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets) {
    for (const auto& ticket : sorted(tickets))
        if (transaction.db.run(sql::kReleaseTicket, ticket.id, ticket.fence, transaction.now) > 0)
            transaction.made_due = true;
}

} // namespace smsbcast::adapters::sqlite
