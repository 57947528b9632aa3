#include "broadcast_reads.hpp"

#include "broadcast_statements.hpp"
#include "query.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

namespace {

// The file holds statuses as their places in the enums. A file must not change its meaning when
// somebody sorts an enum.
static_assert(static_cast<int>(BroadcastStatus::running) == 0 && static_cast<int>(BroadcastStatus::canceling) == 2 &&
              static_cast<int>(BroadcastStatus::completed) == 4);
static_assert(static_cast<int>(MessageStatus::pending) == 0 && static_cast<int>(MessageStatus::sent) == 3 &&
              static_cast<int>(MessageStatus::unknown) == 4 && static_cast<int>(MessageStatus::suppressed) == 9);

// The list begins below this id where the caller names none, so one statement serves the first page
// and all later ones.
constexpr Uuid kLastId{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};

Broadcast broadcast_of(const Query& row) {
    Broadcast broadcast;
    broadcast.id = BroadcastId{row.uuid(0)};
    broadcast.name = row.maybe_text(1);
    broadcast.text = std::string(row.text(2));
    broadcast.status = static_cast<BroadcastStatus>(row.small(3));
    broadcast.total = row.integer(4);
    broadcast.created_at = row.time(5);
    broadcast.expires_at = row.maybe_time(6);
    broadcast.completed_at = row.maybe_time(7);
    int column = 8;
    for (const auto status : kMessageStatuses)
        if (is_stored(status) && status != MessageStatus::pending)
            broadcast.counts[status] = row.integer(column++);
    return broadcast;
}

// The counts of pending messages follow from the tickets, which are far fewer than the messages.
// They are read in the same snapshot as the stored counts, so the sum is the total.
void add_ticket_counts(Transaction& transaction, Broadcast& broadcast) {
    Query tickets(transaction.db, sql::kTicketCounts, broadcast.id);
    if (!tickets.next())
        return;
    broadcast.counts[MessageStatus::pending] = tickets.integer(0);
    broadcast.counts[MessageStatus::queued] = tickets.integer(1);
    broadcast.counts[MessageStatus::sending] = tickets.integer(2);
}

Message message_of(const Query& row) {
    Message message;
    message.id = MessageId{row.uuid(0)};
    message.broadcast = BroadcastId{row.uuid(1)};
    message.phone = PhoneNumber::from_digits(static_cast<std::uint64_t>(row.integer(2)));
    // The statement has already replaced a stored `pending` by what the ticket says.
    message.status = static_cast<MessageStatus>(row.small(3));
    message.attempts = row.small(4);
    message.created_at = uuid_time(message.id.value);
    message.queued_at = row.maybe_time(5);
    message.sent_at = row.maybe_time(6);
    message.delivered_at = row.maybe_time(7);
    message.provider_id = row.maybe_text(8);
    if (auto code = row.maybe_text(9))
        message.error = MessageError{std::move(*code), std::string(row.text(10)), std::string(row.text(11))};
    message.possible_duplicate = row.flag(12);
    return message;
}

} // namespace

Result<Broadcast> read_broadcast(Transaction& transaction, std::string_view tenant, BroadcastId id) {
    Query row(transaction.db, sql::kGetBroadcast, tenant, id);
    if (!row.next())
        return Errc::not_found;
    auto broadcast = broadcast_of(row);
    add_ticket_counts(transaction, broadcast);
    return broadcast;
}

std::vector<Broadcast> read_broadcasts(Transaction& transaction, std::string_view tenant,
                                       std::optional<BroadcastId> before, int limit) {
    Query row(transaction.db, sql::kListBroadcasts, tenant, before ? before->value : kLastId, limit);
    std::vector<Broadcast> broadcasts;
    while (row.next()) {
        broadcasts.push_back(broadcast_of(row));
        add_ticket_counts(transaction, broadcasts.back());
    }
    return broadcasts;
}

Result<std::vector<Message>> read_messages(Transaction& transaction, const MessageQuery& query) {
    Query range(transaction.db, sql::kBroadcastRange, query.tenant, query.broadcast);
    if (!range.next())
        return Errc::not_found;
    // The range begins after an id, and the first one belongs to it.
    Uuid after = range.uuid(0);
    for (auto byte = after.bytes.rbegin(); byte != after.bytes.rend() && (*byte)-- == 0; ++byte) {
    }
    // A cursor from another broadcast must not lead out of this one's range.
    if (query.after)
        after = std::max(after, query.after->value);
    const auto& statement = query.status ? sql::kListMessagesByStatus : sql::kListMessages;
    const auto shown = query.status.value_or(MessageStatus::pending);
    const auto stored = is_stored(shown) ? shown : MessageStatus::pending;
    std::vector<Message> messages;
    const auto read = [&](auto&&... more) {
        Query row(transaction.db, statement, query.broadcast, after, range.uuid(1), query.limit, more...);
        while (row.next())
            messages.push_back(message_of(row));
    };
    if (query.status)
        read(static_cast<int>(shown), static_cast<int>(stored));
    else
        read();
    return messages;
}

Result<MessageWithAttempts> read_message(Transaction& transaction, std::string_view tenant, MessageId id) {
    Query row(transaction.db, sql::kGetMessage, tenant, id);
    if (!row.next())
        return Errc::not_found;
    MessageWithAttempts found{message_of(row), {}};
    Query attempts(transaction.db, sql::kListAttempts, id);
    while (attempts.next())
        found.attempts.push_back({attempts.small(0), attempts.time(1),
                                  MessageError{std::string(attempts.text(2)), std::string(attempts.text(3)),
                                               std::string(attempts.text(4))}});
    // The statement takes the newest hundred; users read them oldest first.
    std::ranges::reverse(found.attempts);
    return found;
}

} // namespace smsbcast::adapters::sqlite
