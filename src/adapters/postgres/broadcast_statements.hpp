#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

inline constexpr Statement kInsertBroadcast{"insert_broadcast", R"(
INSERT INTO broadcasts (id, name, body, total, first_message, last_message, expires_at)
VALUES ($1::uuid, $2::text, $3::text, $4::bigint, $5::uuid, $6::uuid, $7::timestamptz)
RETURNING pg_current_xact_id()::text
)"};

// $1 broadcast, $2 the transaction that was to create it.
inline constexpr Statement kReadCommit{"read_commit", R"(
SELECT EXISTS (SELECT FROM broadcasts WHERE id = $1::uuid), coalesce(pg_xact_status($2::text::xid8), 'aborted')
)"};

inline constexpr Statement kBroadcastExists{"broadcast_exists", "SELECT 1 FROM broadcasts WHERE id = $1::uuid"};

// One snapshot, so the counts add up to the total at every moment.
#define SMSBCAST_BROADCAST_COLUMNS                                                                                     \
    "SELECT b.id, b.name, b.body, b.status::text, b.total, b.created_at, b.expires_at, b.completed_at,"                \
    " coalesce(t.pending, 0), coalesce(t.queued, 0), coalesce(t.sending, 0),"                                          \
    " coalesce(c.sent, 0), coalesce(c.unknown, 0), coalesce(c.delivered, 0), coalesce(c.failed, 0),"                   \
    " coalesce(c.canceled, 0), coalesce(c.expired, 0), coalesce(c.suppressed, 0)"
#define SMSBCAST_BROADCAST_COUNTS                                                                                      \
    " LEFT JOIN LATERAL (SELECT"                                                                                       \
    "   sum(size - done) FILTER (WHERE lease_until IS NULL AND queued_at IS NULL) AS pending,"                         \
    "   sum(size - done) FILTER (WHERE lease_until IS NULL AND queued_at IS NOT NULL) AS queued,"                      \
    "   sum(size - done) FILTER (WHERE lease_until IS NOT NULL) AS sending"                                            \
    "   FROM outbox WHERE broadcast_id = b.id) t ON true"                                                              \
    " LEFT JOIN LATERAL (SELECT sum(sent)::bigint AS sent, sum(unknown)::bigint AS unknown,"                           \
    "   sum(delivered)::bigint AS delivered, sum(failed)::bigint AS failed, sum(canceled)::bigint AS canceled,"        \
    "   sum(expired)::bigint AS expired, sum(suppressed)::bigint AS suppressed"                                        \
    "   FROM broadcast_counts WHERE broadcast_id = b.id) c ON true"

inline constexpr Statement kGetBroadcast{"get_broadcast", SMSBCAST_BROADCAST_COLUMNS
                                         " FROM broadcasts b" SMSBCAST_BROADCAST_COUNTS " WHERE b.id = $1::uuid"};

inline constexpr Statement kListBroadcasts{"list_broadcasts", SMSBCAST_BROADCAST_COLUMNS
                                           " FROM (SELECT * FROM broadcasts WHERE $1::uuid IS NULL OR id < $1::uuid"
                                           " ORDER BY id DESC LIMIT $2::int) b" SMSBCAST_BROADCAST_COUNTS
                                           " ORDER BY b.id DESC"};

#undef SMSBCAST_BROADCAST_COLUMNS
#undef SMSBCAST_BROADCAST_COUNTS

inline constexpr Statement kCommandBroadcast{"command_broadcast", R"(
UPDATE broadcasts SET status = $2::text::broadcast_status WHERE id = $1::uuid AND status = $3::text::broadcast_status
)"};

inline constexpr Statement kBroadcastStatus{"broadcast_status",
                                            "SELECT status::text FROM broadcasts WHERE id = $1::uuid"};

#define SMSBCAST_MESSAGE_COLUMNS                                                                                       \
    "SELECT id, broadcast_id, phone, status::text, attempts::int, queued_at, sent_at, delivered_at, provider_id,"      \
    " error_code, error_class, error_message, possible_duplicate FROM messages_shown"

// A broadcast's messages are a range of the primary key; rows of another one in it are possible, if hardly so.
inline constexpr Statement kListMessages{"list_messages", SMSBCAST_MESSAGE_COLUMNS
                                         " WHERE broadcast_id = $1::uuid"
                                         " AND id >= (SELECT first_message FROM broadcasts WHERE id = $1::uuid)"
                                         " AND id <= (SELECT last_message FROM broadcasts WHERE id = $1::uuid)"
                                         " AND id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')"
                                         " ORDER BY id LIMIT $3::int"};

inline constexpr Statement kListMessagesByStatus{
    "list_messages_by_status", SMSBCAST_MESSAGE_COLUMNS
    " WHERE broadcast_id = $1::uuid"
    " AND id >= (SELECT first_message FROM broadcasts WHERE id = $1::uuid)"
    " AND id <= (SELECT last_message FROM broadcasts WHERE id = $1::uuid)"
    " AND id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')"
    " AND stored = CASE WHEN $4::text IN ('queued', 'sending') THEN 'pending' ELSE $4::text::message_status END"
    " AND status = $4::text::message_status"
    " ORDER BY id LIMIT $3::int"};

inline constexpr Statement kGetMessage{"get_message", SMSBCAST_MESSAGE_COLUMNS " WHERE id = $1::uuid"};

#undef SMSBCAST_MESSAGE_COLUMNS

inline constexpr Statement kListAttempts{"list_attempts", R"(
SELECT * FROM (SELECT number, at, error_code, error_class, error_message FROM attempts WHERE message_id = $1::uuid
                ORDER BY at DESC, number DESC LIMIT 100) a
 ORDER BY at, number
)"};

} // namespace smsbcast::adapters::postgres::sql
