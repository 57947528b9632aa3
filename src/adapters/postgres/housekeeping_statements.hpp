#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// Of an attempt whose end nobody tells.
#define SMSBCAST_LOST_CODE "'worker_lost'"
#define SMSBCAST_LOST_MESSAGE "'the worker that was sending it ended without a word'"

// Rows that are locked and limited are chosen in a CTE of their own: elsewhere the planner may run the choice, and its
// LIMIT, several times.

// Nothing of these went out, or it may be sent again: they may be taken. The attempt has moved on when the ticket was
// taken, so a worker that wakes up late is fenced out by the lease that is gone. Which of its messages a lost worker
// had sent nobody knows, so the history of each tells of it, once a ticket however many workers it outlives.
inline constexpr Statement kExpireLeases{"expire_leases", R"(
WITH t AS MATERIALIZED (
    SELECT id, first_message, last_message, message_ids, at_once AND NOT interrupted AS cut_short
      FROM outbox WHERE lease_until < now() AND NOT begun
     ORDER BY lease_until LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED),
history AS (
    INSERT INTO attempts (message_id, number, error_code, error_class, error_message)
    SELECT m.id, m.attempts, )" SMSBCAST_LOST_CODE R"(, 'unknown', )" SMSBCAST_LOST_MESSAGE R"(
      FROM t CROSS JOIN LATERAL (
        SELECT r.id, r.ticket_id, r.status, r.attempts FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.id, r.ticket_id, r.status, r.attempts FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE t.cut_short AND m.ticket_id = t.id AND m.status = 'pending')
UPDATE outbox o SET lease_until = NULL, lease_owner = NULL, queued_at = NULL, due_at = now(), at_once = false,
       interrupted = interrupted OR at_once
 WHERE o.id = ANY (ARRAY(SELECT id FROM t))
)"};

// Those that may have gone out to a provider that would send them twice.
inline constexpr Statement kBegunAndExpired{"begun_and_expired", R"(
SELECT id FROM outbox WHERE lease_until < now() AND begun ORDER BY lease_until LIMIT 20
)"};

// $1 tickets, $2 ms that unknown messages get, $3 writer. After the locks of lock_statements.hpp; what was renewed or
// finished before those is left alone.
inline constexpr Statement kExpireBegun{"expire_begun", R"(
WITH t AS MATERIALIZED (
    SELECT id, first_message, last_message, message_ids, queued_at FROM outbox
     WHERE id = ANY ($1::uuid[]) AND lease_until < now() AND begun),
m AS MATERIALIZED (
    SELECT m.place, t.queued_at FROM t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.ticket_id, r.status FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.ticket_id, r.status FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending'),
moved AS (
    UPDATE messages SET status = 'unknown', maybe_sent = true, attempts = attempts + 1,
           queued_at = coalesce(messages.queued_at, m.queued_at),
           resolve_by = now() + $2::bigint * interval '1 millisecond', error_code = )" SMSBCAST_LOST_CODE R"(,
           error_class = 'unknown', error_message = )" SMSBCAST_LOST_MESSAGE R"(
      FROM m WHERE messages.ctid = m.place
    RETURNING messages.id, messages.broadcast_id, messages.attempts),
history AS (
    INSERT INTO attempts (message_id, number, error_code, error_class, error_message)
    SELECT id, attempts, )" SMSBCAST_LOST_CODE R"(, 'unknown', )" SMSBCAST_LOST_MESSAGE R"( FROM moved),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, unknown)
    SELECT broadcast_id, $3::int, count(*) FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE SET unknown = c.unknown + excluded.unknown),
gone AS (
    DELETE FROM outbox o WHERE o.id = ANY (ARRAY(SELECT id FROM t)))
SELECT count(*) FROM t
)"};

// $1 ms that one may be queued, $2 whether they double with each time.
inline constexpr Statement kRequeueLost{"requeue_lost", R"(
WITH t AS MATERIALIZED (
    SELECT id FROM outbox
     WHERE queued_at < now() - $1::bigint * interval '1 millisecond' AND queued_at IS NOT NULL AND lease_until IS NULL
       AND queued_at < now() - ($1::bigint << CASE WHEN $2::bool THEN requeues ELSE 0 END) * interval '1 millisecond'
     ORDER BY queued_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED)
UPDATE outbox o SET queued_at = NULL, due_at = now(), requeues = least(requeues + 1, 4)
 WHERE o.id = ANY (ARRAY(SELECT id FROM t))
)"};

// A ticket that a worker holds comes back by the worker's own hand first.
inline constexpr Statement kCancelable{"cancelable", R"(
SELECT o.id
  FROM broadcasts b
 CROSS JOIN LATERAL (SELECT t.id FROM outbox t WHERE t.broadcast_id = b.id AND t.lease_until IS NULL LIMIT 50) o
 WHERE b.status = 'canceling' LIMIT 50
)"};

// Paused ones expire too.
inline constexpr Statement kExpirable{"expirable", R"(
SELECT o.id
  FROM broadcasts b
 CROSS JOIN LATERAL (SELECT t.id FROM outbox t WHERE t.broadcast_id = b.id AND t.lease_until IS NULL LIMIT 50) o
 WHERE b.status IN ('running', 'paused') AND b.expires_at <= now() LIMIT 50
)"};

// $1 tickets, $2 ms that unknown messages get, $3 writer, $4 canceled or expired. After the locks of
// lock_statements.hpp. A message of which an earlier attempt may have reached the provider can be called neither.
inline constexpr Statement kEndTickets{"end_tickets", R"(
WITH t AS MATERIALIZED (
    SELECT id, first_message, last_message, message_ids, queued_at, interrupted FROM outbox
     WHERE id = ANY ($1::uuid[]) AND lease_until IS NULL),
m AS MATERIALIZED (
    SELECT m.place, m.maybe_sent OR t.interrupted AS maybe_sent, t.queued_at FROM t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.ticket_id, r.status, r.maybe_sent FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.ticket_id, r.status, r.maybe_sent FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending'),
moved AS (
    UPDATE messages
       SET status = CASE WHEN m.maybe_sent THEN 'unknown'::message_status ELSE $4::text::message_status END,
           resolve_by = CASE WHEN m.maybe_sent THEN now() + $2::bigint * interval '1 millisecond' END,
           maybe_sent = m.maybe_sent,
           queued_at = coalesce(messages.queued_at, m.queued_at),
           error_code = CASE WHEN m.maybe_sent THEN coalesce(error_code, )" SMSBCAST_LOST_CODE R"() ELSE error_code END,
           error_class = CASE WHEN m.maybe_sent THEN coalesce(error_class, 'unknown') ELSE error_class END,
           error_message = CASE WHEN m.maybe_sent THEN coalesce(error_message, )" SMSBCAST_LOST_MESSAGE R"()
                                ELSE error_message END
      FROM m
     WHERE messages.ctid = m.place
    RETURNING messages.broadcast_id, messages.status),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, canceled, expired, unknown)
    SELECT broadcast_id, $3::int, count(*) FILTER (WHERE status = 'canceled'),
           count(*) FILTER (WHERE status = 'expired'), count(*) FILTER (WHERE status = 'unknown')
      FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE
       SET canceled = c.canceled + excluded.canceled, expired = c.expired + excluded.expired,
           unknown = c.unknown + excluded.unknown),
gone AS (
    DELETE FROM outbox o WHERE o.id = ANY (ARRAY(SELECT id FROM t)))
SELECT count(*) FROM t
)"};

inline constexpr Statement kFinishCanceled{"finish_canceled", R"(
UPDATE broadcasts b SET status = 'canceled', completed_at = now()
 WHERE b.status = 'canceling' AND NOT EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)
)"};

// $1 writer. It waits for no message, so the order of their locks does not matter; those that have a time are unknown.
inline constexpr Statement kFailUnresolved{"fail_unresolved", R"(
WITH m AS MATERIALIZED (
    SELECT id FROM messages WHERE resolve_by <= now() ORDER BY resolve_by LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED),
moved AS (
    UPDATE messages
       SET status = 'failed', resolve_by = NULL, error_class = 'unknown',
           error_message = 'no receipt came in time to tell whether it was sent'
     WHERE messages.id = ANY (ARRAY(SELECT id FROM m))
    RETURNING broadcast_id),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, unknown, failed)
    SELECT broadcast_id, $1::int, -count(*), count(*) FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE
       SET unknown = c.unknown + excluded.unknown, failed = c.failed + excluded.failed)
SELECT count(*) FROM moved
)"};

// Tickets and counts are read in one snapshot, and a message moves from the one to the other in one transaction.
inline constexpr Statement kComplete{"complete", R"(
UPDATE broadcasts b SET status = 'completed', completed_at = now()
 WHERE b.status IN ('running', 'paused')
   AND NOT EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)
   AND (SELECT coalesce(sum(c.unknown), 0) FROM broadcast_counts c WHERE c.broadcast_id = b.id) = 0
RETURNING b.id, b.total
)"};

#undef SMSBCAST_LOST_CODE
#undef SMSBCAST_LOST_MESSAGE

} // namespace smsbcast::adapters::postgres::sql
