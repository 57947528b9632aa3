#include "ticket_rows.hpp"

#include "query.hpp"
#include "ticket_statements.hpp"

#include "smsbcast/domain/message_rules.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

// A list of messages is one blob of ids in a row, 16 bytes each: SQLite has no arrays, and a table
// of its own would cost a row per message.
constexpr std::size_t kIdSize = 16;

PendingMessage message_of(const Query& row, const TicketRow& ticket) {
    MessageFacts facts;
    facts.error_class = row.text(5);
    // An earlier worker that died with this ticket leaves all of its messages in doubt, without having
    // touched one of their rows.
    return {MessageId{row.uuid(0)},
            PhoneNumber::from_digits(static_cast<std::uint64_t>(row.integer(1))),
            row.small(2),
            row.small(3),
            row.flag(4) || ticket.interrupted,
            was_refused_before(facts)};
}

} // namespace

std::optional<TicketRow> find_ticket(Connection& db, TicketId id) {
    Query row(db, sql::kFindTicket, id);
    if (!row.next())
        return std::nullopt;
    TicketRow ticket;
    ticket.broadcast = BroadcastId{row.uuid(0)};
    ticket.id = TicketId{row.uuid(1)};
    ticket.first_message = row.uuid(2);
    ticket.last_message = row.uuid(3);
    ticket.queued_at = row.maybe_integer(4);
    ticket.lease_owner = row.maybe_uuid(5);
    ticket.fence = row.integer(6);
    ticket.left = row.integer(7) - row.integer(8);
    ticket.message_ids = row.maybe_text(9);
    ticket.interrupted = row.flag(10);
    ticket.at_once = row.flag(11);
    ticket.begun = row.flag(12);
    return ticket;
}

std::vector<PendingMessage> messages_of(Connection& db, const TicketRow& ticket) {
    std::vector<PendingMessage> messages;
    messages.reserve(static_cast<std::size_t>(ticket.left));
    // A first ticket is one range of the key, read in one pass; a ticket of retries lists messages
    // that lie apart.
    if (!ticket.message_ids) {
        Query row(db, sql::kRangeMessages, ticket.id, ticket.first_message, ticket.last_message);
        while (row.next())
            messages.push_back(message_of(row, ticket));
        return messages;
    }
    const std::string_view ids = *ticket.message_ids;
    // The list is never rewritten when a message leaves. The statement skips those that are not in
    // this ticket any more.
    for (std::size_t at = 0; at + kIdSize <= ids.size(); at += kIdSize) {
        Query row(db, sql::kListedMessage, ticket.id, Blob{ids.substr(at, kIdSize)});
        if (row.next())
            messages.push_back(message_of(row, ticket));
    }
    return messages;
}

std::string join_ids(std::span<const MessageId> ids) {
    std::string joined;
    joined.reserve(ids.size() * kIdSize);
    for (const auto& id : ids)
        joined.append(reinterpret_cast<const char*>(id.value.bytes.data()), kIdSize);
    return joined;
}

std::vector<TicketRef> sorted(std::vector<TicketRef> tickets) {
    // In order of id, neighbouring rows are changed one after the other, and a ticket that was
    // named twice is found once.
    std::sort(tickets.begin(), tickets.end());
    tickets.erase(std::unique(tickets.begin(), tickets.end()), tickets.end());
    return tickets;
}

} // namespace smsbcast::adapters::sqlite
