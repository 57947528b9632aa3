#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// Everybody who moves messages out of tickets locks messages first, then tickets, each in order of
// id, in statements of their own before the one that changes them. So no two transactions wait for
// each other in a circle, and the change, whose snapshot is younger than the locks, sees rows that
// nobody else can touch. FOR NO KEY UPDATE is the weakest lock that conflicts with an UPDATE of the
// row.
//
// $1 are messages.
inline constexpr Statement kLockMessages{"lock_messages", R"(
SELECT count(*) FROM (SELECT FROM messages WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) locked
)"};

// $1 are tickets; their messages that still wait are locked. The ids are collected first and locked
// in a second step because FOR UPDATE applies to rows in the order in which they are read, and only
// the outer ORDER BY makes that the order of ids.
inline constexpr Statement kLockTicketMessages{"lock_ticket_messages", R"(
SELECT count(*) FROM (
    SELECT FROM messages
     WHERE id = ANY (ARRAY(
               SELECT m.id FROM outbox t CROSS JOIN LATERAL (
                   SELECT r.id, r.ticket_id, r.status FROM messages r
                    WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
                    UNION ALL
                   SELECT r.id, r.ticket_id, r.status FROM messages r WHERE r.id = ANY (t.message_ids)) m
                WHERE t.id = ANY ($1::uuid[]) AND m.ticket_id = t.id AND m.status = 'pending'))
     ORDER BY id FOR NO KEY UPDATE) locked
)"};

// $1 are tickets.
inline constexpr Statement kLockTickets{"lock_tickets", R"(
SELECT count(*) FROM (SELECT FROM outbox WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) locked
)"};

// $1 are messages, $2 the writer: the rows of counts of their broadcasts are locked, or made where
// they are missing. Only transactions that count in several statements need this; one that counts
// in a single statement takes its rows in order there. The update changes nothing: it is what makes
// ON CONFLICT lock an existing row.
inline constexpr Statement kLockCounts{"lock_counts", R"(
INSERT INTO broadcast_counts AS c (broadcast_id, writer)
SELECT DISTINCT broadcast_id, $2::int FROM messages WHERE id = ANY ($1::uuid[]) ORDER BY broadcast_id
ON CONFLICT (broadcast_id, writer) DO UPDATE SET sent = c.sent
)"};

} // namespace smsbcast::adapters::postgres::sql
