#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// The server's id of the transaction is returned because it is the only handle by which, after a
// connection was lost during COMMIT, another connection can ask how the transaction ended
// (pg_xact_status; PostgreSQL 15, 9.26).
inline constexpr Statement kInsertBroadcast{"insert_broadcast", R"(
INSERT INTO broadcasts (id, tenant, name, body, total, first_message, last_message, expires_at)
VALUES ($1::uuid, $2::text, $3::text, $4::text, $5::bigint, $6::uuid, $7::uuid, $8::timestamptz)
    ON CONFLICT (id) DO NOTHING
RETURNING pg_current_xact_id()::text
)"};

// $1 is the broadcast, $2 the transaction that was to create it. The server answers NULL for a
// transaction so old that its status was discarded; nobody waits that long for a commit, so NULL
// counts as aborted unless the row itself is there. The id was made for this one intake, so it needs
// no tenant beside it.
inline constexpr Statement kReadCommit{"read_commit", R"(
SELECT EXISTS (SELECT FROM broadcasts WHERE id = $1::uuid), coalesce(pg_xact_status($2::text::xid8), 'aborted')
)"};

// From here on $1 is the tenant of whoever asks. Each text compares it by itself, so that none can
// be used in a way that reaches a broadcast of somebody else.
inline constexpr Statement kBroadcastExists{"broadcast_exists",
                                            "SELECT 1 FROM broadcasts WHERE id = $2::uuid AND tenant = $1::text"};

// Stored counts and counts of tickets are read in one statement and therefore in one snapshot. A
// message leaves its ticket and enters the counts in one transaction, so their sum is the total at
// every moment.
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

// Counting rows of `messages` would take seconds for a million recipients; the sums below read at
// most one row per writer and the tickets that are still open.
inline constexpr Statement kGetBroadcast{"get_broadcast",
                                         SMSBCAST_BROADCAST_COLUMNS " FROM broadcasts b" SMSBCAST_BROADCAST_COUNTS
                                                                    " WHERE b.id = $2::uuid AND b.tenant = $1::text"};

// The bounds are pairs, and so is the order. From `tenant = $1` the planner would see that the order
// by id is enough, and where nearly all broadcasts are of one tenant it would read the primary key
// and pass over what is not asked for: all of it, for a tenant with few. Pairs are in order in the
// index of pairs alone, and both bounds are ends of the range of it that is read.
inline constexpr Statement kListBroadcasts{
    "list_broadcasts", SMSBCAST_BROADCAST_COLUMNS
    " FROM (SELECT * FROM broadcasts"
    " WHERE (tenant, id) >= ($1::text, '00000000-0000-0000-0000-000000000000')"
    " AND (tenant, id) < ($1::text, coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))"
    " ORDER BY tenant DESC, id DESC LIMIT $3::int) b" SMSBCAST_BROADCAST_COUNTS " ORDER BY b.tenant DESC, b.id DESC"};

#undef SMSBCAST_BROADCAST_COLUMNS
#undef SMSBCAST_BROADCAST_COUNTS

// The status that was read is part of the condition, so two commands at a time cannot both win. The
// loser sees no row changed and decides again.
inline constexpr Statement kCommandBroadcast{"command_broadcast", R"(
UPDATE broadcasts SET status = $3::text::broadcast_status
 WHERE id = $2::uuid AND tenant = $1::text AND status = $4::text::broadcast_status
)"};

inline constexpr Statement kBroadcastStatus{"broadcast_status", "SELECT status::text FROM broadcasts"
                                                                " WHERE id = $2::uuid AND tenant = $1::text"};

#define SMSBCAST_MESSAGE_COLUMNS                                                                                       \
    "SELECT id, broadcast_id, phone, status::text, attempts::int, queued_at, sent_at, delivered_at, provider_id,"      \
    " error_code, error_class, error_message, possible_duplicate FROM messages_shown"

// A broadcast's messages are one range of the primary key, so a page is read in index order and
// ends after its last row, however many messages there are. Two broadcasts that were made in the
// same millisecond may have overlapping ranges, which is why broadcast_id is compared as well. A
// broadcast of another tenant has no range at all.
#define SMSBCAST_MESSAGE_RANGE                                                                                         \
    " WHERE broadcast_id = $2::uuid"                                                                                   \
    " AND id >= (SELECT first_message FROM broadcasts WHERE id = $2::uuid AND tenant = $1::text)"                      \
    " AND id <= (SELECT last_message FROM broadcasts WHERE id = $2::uuid AND tenant = $1::text)"                       \
    " AND id > coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')"

inline constexpr Statement kListMessages{"list_messages",
                                         SMSBCAST_MESSAGE_COLUMNS SMSBCAST_MESSAGE_RANGE " ORDER BY id LIMIT $4::int"};

// No index has the status, since it would make each change of a status touch that index (no
// heap-only update). The stored status is compared first because it needs no look at the ticket:
// queued and sending are both stored as pending.
inline constexpr Statement kListMessagesByStatus{
    "list_messages_by_status", SMSBCAST_MESSAGE_COLUMNS SMSBCAST_MESSAGE_RANGE
    " AND stored = CASE WHEN $5::text IN ('queued', 'sending') THEN 'pending' ELSE $5::text::message_status END"
    " AND status = $5::text::message_status"
    " ORDER BY id LIMIT $4::int"};

// A message has no tenant of its own: a column would cost every message what its broadcast says once.
inline constexpr Statement kGetMessage{"get_message", SMSBCAST_MESSAGE_COLUMNS
                                       " WHERE id = $2::uuid AND EXISTS (SELECT FROM broadcasts b"
                                       " WHERE b.id = messages_shown.broadcast_id AND b.tenant = $1::text OFFSET 0)"};

#undef SMSBCAST_MESSAGE_RANGE
#undef SMSBCAST_MESSAGE_COLUMNS

// The newest hundred are picked, then shown oldest first: a message that was throttled for days may
// have many more, and its latest errors are what a user asks about. $1 is the message: this is asked
// together with get_message, and dropped where that finds nothing.
inline constexpr Statement kListAttempts{"list_attempts", R"(
SELECT * FROM (SELECT number, at, error_code, error_class, error_message FROM attempts WHERE message_id = $1::uuid
                ORDER BY at DESC, number DESC LIMIT 100) a
 ORDER BY at, number
)"};

} // namespace smsbcast::adapters::postgres::sql
