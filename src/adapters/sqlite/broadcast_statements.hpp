#pragma once

#include "connection.hpp"

// These statements are what the API reads, and its commands. A number in a text is the place of a
// status in its enum's list.

namespace smsbcast::adapters::sqlite::sql {

#define SMSBCAST_BROADCAST_COLUMNS                                                                                     \
    "SELECT b.id, b.name, b.body, b.status, b.total, b.created_at, b.expires_at, b.completed_at,"                      \
    " c.sent, c.unknown, c.delivered, c.failed, c.canceled, c.expired, c.suppressed"                                   \
    " FROM broadcasts b CROSS JOIN broadcast_counts c ON c.broadcast_id = b.id"

// Where a text has a tenant, it is ?1, that of whoever asks. Each compares it by itself, so that none
// can be used in a way that reaches a broadcast of somebody else.
inline constexpr Statement kGetBroadcast{"get_broadcast",
                                         SMSBCAST_BROADCAST_COLUMNS " WHERE b.tenant = ?1 AND b.id = ?2"};

inline constexpr Statement kListBroadcasts{"list_broadcasts",
                                           SMSBCAST_BROADCAST_COLUMNS " WHERE b.tenant = ?1 AND b.id < ?2"
                                                                      " ORDER BY b.id DESC LIMIT ?3"};

#undef SMSBCAST_BROADCAST_COLUMNS

// The three columns are the messages that wait, that are queued, and that are taken.
inline constexpr Statement kTicketCounts{
    "ticket_counts",
    "SELECT total(CASE WHEN lease_until IS NULL AND queued_at IS NULL THEN size - done END),"
    " total(CASE WHEN lease_until IS NULL AND queued_at IS NOT NULL THEN size - done END),"
    " total(CASE WHEN lease_until IS NOT NULL THEN size - done END) FROM outbox WHERE broadcast_id = ?1"};

inline constexpr Statement kBroadcastStatus{"broadcast_status",
                                            "SELECT status FROM broadcasts WHERE tenant = ?1 AND id = ?2"};

// The id alone is enough here: the transaction has read the status by the statement above.
inline constexpr Statement kSetBroadcastStatus{"set_broadcast_status",
                                               "UPDATE broadcasts SET status = ?2 WHERE id = ?1"};

inline constexpr Statement kBroadcastRange{
    "broadcast_range", "SELECT first_message, last_message FROM broadcasts WHERE tenant = ?1 AND id = ?2"};

// This gives a message's status as users see it: queued (1) and sending (2) belong to its ticket.
#define SMSBCAST_MESSAGE_STATUS                                                                                        \
    "CASE WHEN m.status <> 0 THEN m.status WHEN o.lease_until IS NOT NULL THEN 2"                                      \
    " WHEN o.queued_at IS NOT NULL THEN 1 ELSE 0 END"
#define SMSBCAST_MESSAGE_COLUMNS                                                                                       \
    "SELECT m.id, m.broadcast_id, m.phone, " SMSBCAST_MESSAGE_STATUS ", m.attempts,"                                   \
    " coalesce(m.queued_at, o.queued_at), m.sent_at, m.delivered_at, m.provider_id,"                                   \
    " m.error_code, m.error_class, m.error_message, m.possible_duplicate FROM messages m"                              \
    " LEFT JOIN outbox o ON m.status = 0 AND o.broadcast_id = m.broadcast_id AND o.id = m.ticket_id"

// ?1 is the broadcast, ?2 the id before the first, ?3 the last id, ?4 how many. The messages of a
// broadcast are a range of the key; one of another broadcast may lie in it if both were made in the
// same millisecond.
inline constexpr Statement kListMessages{
    "list_messages",
    SMSBCAST_MESSAGE_COLUMNS " WHERE m.id > ?2 AND m.id <= ?3 AND m.broadcast_id = ?1 ORDER BY m.id LIMIT ?4"};

// ?5 is the status shown, ?6 the one stored.
inline constexpr Statement kListMessagesByStatus{
    "list_messages_by_status",
    SMSBCAST_MESSAGE_COLUMNS " WHERE m.id > ?2 AND m.id <= ?3 AND m.broadcast_id = ?1 AND m.status = ?6"
                             " AND " SMSBCAST_MESSAGE_STATUS " = ?5 ORDER BY m.id LIMIT ?4"};

// A message has no tenant of its own: a column would cost every message what its broadcast says once.
inline constexpr Statement kGetMessage{"get_message", SMSBCAST_MESSAGE_COLUMNS
                                       " WHERE m.id = ?2 AND EXISTS (SELECT 1 FROM broadcasts b"
                                       " WHERE b.id = m.broadcast_id AND b.tenant = ?1)"};

#undef SMSBCAST_MESSAGE_COLUMNS
#undef SMSBCAST_MESSAGE_STATUS

inline constexpr Statement kListAttempts{
    "list_attempts", "SELECT number, at, error_code, error_class, error_message FROM attempts WHERE message_id = ?1 "
                     "ORDER BY id DESC LIMIT 100"};

} // namespace smsbcast::adapters::sqlite::sql
