#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// Everybody who moves messages out of tickets locks messages first, then tickets, each in order of id, in statements of
// their own before the one that changes them: no deadlock, and the change sees rows that nobody else can touch.

// $1 messages.
inline constexpr Statement kLockMessages{"lock_messages", R"(
SELECT count(*) FROM (SELECT FROM messages WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) locked
)"};

// $1 tickets: what is left in them.
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

// $1 tickets.
inline constexpr Statement kLockTickets{"lock_tickets", R"(
SELECT count(*) FROM (SELECT FROM outbox WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE) locked
)"};

// $1 messages, $2 writer: the counts of their broadcasts. Only for units that count in several statements; one that
// counts in a single one takes its rows in order there.
inline constexpr Statement kLockCounts{"lock_counts", R"(
INSERT INTO broadcast_counts AS c (broadcast_id, writer)
SELECT DISTINCT broadcast_id, $2::int FROM messages WHERE id = ANY ($1::uuid[]) ORDER BY broadcast_id
ON CONFLICT (broadcast_id, writer) DO UPDATE SET sent = c.sent
)"};

} // namespace smsbcast::adapters::postgres::sql
