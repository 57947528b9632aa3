#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// lease_statements.hpp says how sweeps go about their rows. $2 is the time in ms that a ticket may
// be queued, $3 whether it doubles with each requeue. The plain comparison with $2 repeats the
// weaker bound so that the index on queued_at can serve it.
#define SMSBCAST_LOST_IN_QUEUE                                                                                         \
    "queued_at < now() - $2::bigint * interval '1 millisecond' AND queued_at IS NOT NULL AND lease_until IS NULL"      \
    " AND queued_at < now() - ($2::bigint << CASE WHEN $3::bool THEN requeues ELSE 0 END) * interval '1 millisecond'"

inline constexpr Statement kLostInQueue{"lost_in_queue", R"(
SELECT id FROM outbox WHERE )" SMSBCAST_LOST_IN_QUEUE R"( AND id <> ALL ($1::uuid[]) ORDER BY queued_at LIMIT 500
)"};

// $4 is how often the time doubles at most: without a bound, a ticket that really is lost would
// wait ever longer for its next chance. SKIP LOCKED, since a ticket that somebody has locked is
// being taken or marked and so is not lost.
inline constexpr Statement kRequeueLost{"requeue_lost", R"(
WITH t AS MATERIALIZED (
    SELECT id FROM outbox WHERE id = ANY ($1::uuid[]) AND )" SMSBCAST_LOST_IN_QUEUE R"(
     ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
UPDATE outbox o SET queued_at = NULL, due_at = now(), requeues = least(requeues + 1, $4::int)
 WHERE o.id = ANY (ARRAY(SELECT id FROM t))
)"};

#undef SMSBCAST_LOST_IN_QUEUE

// A ticket that a worker holds is left out: the worker learns of the cancel at its next renewal at
// the latest, and knows better than anybody which of the messages are out.
inline constexpr Statement kCancelable{"cancelable", R"(
SELECT o.id
  FROM broadcasts b
 CROSS JOIN LATERAL (SELECT t.id FROM outbox t WHERE t.broadcast_id = b.id AND t.lease_until IS NULL
                        AND t.id <> ALL ($1::uuid[]) LIMIT 50) o
 WHERE b.status = 'canceling' LIMIT 50
)"};

// A paused broadcast expires too: its deadline is a promise to the recipients, and pausing does not
// extend it.
inline constexpr Statement kExpirable{"expirable", R"(
SELECT o.id
  FROM broadcasts b
 CROSS JOIN LATERAL (SELECT t.id FROM outbox t WHERE t.broadcast_id = b.id AND t.lease_until IS NULL
                        AND t.id <> ALL ($1::uuid[]) LIMIT 50) o
 WHERE b.status IN ('running', 'paused') AND b.expires_at <= now() LIMIT 50
)"};

// $1 are tickets, $2 messages or null, $3 the ms that unknown messages get, $4 the writer, $5-7 the
// error of an unknown message that has none, $8 canceled or expired. The locks of
// lock_statements.hpp come before it. The rule is end_of_waiting() of domain/message_rules.hpp: a
// message that an earlier attempt may have sent cannot be called canceled, so it becomes unknown
// and waits for a receipt.
//
// The counts move in this statement too, so no reader ever sees a message in both places or in
// neither.
inline constexpr Statement kEndTickets{"end_tickets", R"(
WITH t AS MATERIALIZED (
    SELECT ctid AS place, id, first_message, last_message, message_ids, queued_at, interrupted FROM outbox
     WHERE id = ANY ($1::uuid[]) AND lease_until IS NULL),
m AS MATERIALIZED (
    SELECT m.place, m.id, m.maybe_sent OR t.interrupted AS maybe_sent, t.place AS ticket_place, t.queued_at
      FROM t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.id, r.ticket_id, r.status, r.maybe_sent FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.id, r.ticket_id, r.status, r.maybe_sent FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending'
       AND ($2::uuid[] IS NULL OR m.id = ANY ($2::uuid[]))),
moved AS (
    UPDATE messages
       SET status = CASE WHEN m.maybe_sent THEN 'unknown'::message_status ELSE $8::text::message_status END,
           resolve_by = CASE WHEN m.maybe_sent THEN now() + $3::bigint * interval '1 millisecond' END,
           maybe_sent = m.maybe_sent,
           queued_at = coalesce(messages.queued_at, m.queued_at),
           error_code = CASE WHEN m.maybe_sent THEN coalesce(error_code, $5::text) ELSE error_code END,
           error_class = CASE WHEN m.maybe_sent THEN coalesce(error_class, $6::text) ELSE error_class END,
           error_message = CASE WHEN m.maybe_sent THEN coalesce(error_message, $7::text)
                                ELSE error_message END
      FROM m
     WHERE messages.ctid = m.place AND (messages.id = m.id) IS TRUE
    RETURNING messages.broadcast_id, messages.status),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, canceled, expired, unknown)
    SELECT broadcast_id, $4::int, count(*) FILTER (WHERE status = 'canceled'),
           count(*) FILTER (WHERE status = 'expired'), count(*) FILTER (WHERE status = 'unknown')
      FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE
       SET canceled = c.canceled + excluded.canceled, expired = c.expired + excluded.expired,
           unknown = c.unknown + excluded.unknown),
left_by AS MATERIALIZED (
    SELECT t.place, t.id, (SELECT count(*)::int FROM m WHERE m.ticket_place = t.place) AS n FROM t),
done AS (
    UPDATE outbox o SET done = o.done + l.n
      FROM left_by l
     WHERE $2::uuid[] IS NOT NULL AND o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n <> o.size),
gone AS (
    DELETE FROM outbox o USING left_by l
     WHERE o.ctid = l.place AND (o.id = l.id) IS TRUE AND ($2::uuid[] IS NULL OR o.done + l.n = o.size))
SELECT count(*) FROM t
)"};

// OFFSET 0 keeps the planner from turning the subquery into a join, whose plan would depend on how
// large the tables were when it was made.
inline constexpr Statement kEmptyCanceling{"empty_canceling", R"(
SELECT b.id FROM broadcasts b
 WHERE b.status = 'canceling' AND b.id <> ALL ($1::uuid[])
   AND NOT EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)
)"};

inline constexpr Statement kFinishCanceled{"finish_canceled", R"(
UPDATE broadcasts SET status = 'canceled', completed_at = now() WHERE id = ANY ($1::uuid[]) AND status = 'canceling'
)"};

// The partial index on resolve_by holds unknown messages alone, so this reads what is due and
// nothing else.
inline constexpr Statement kUnresolved{"unresolved", R"(
SELECT id FROM messages WHERE resolve_by <= now() AND id <> ALL ($1::uuid[]) ORDER BY resolve_by LIMIT 500
)"};

// $2 is the writer, $3 the classes of errors of messages that were sent, $4 and $5 the class and
// the sentence of the error of the others. The rule is end_of_unknown() of
// domain/message_rules.hpp. SKIP LOCKED waits for no message, so the order of these locks cannot
// close a circle; a message that somebody has locked is probably being resolved by its receipt.
// Every message that has a resolve_by is unknown (a CHECK guards that).
inline constexpr Statement kEndUnresolved{"end_unresolved", R"(
WITH m AS MATERIALIZED (
    SELECT id FROM messages WHERE id = ANY ($1::uuid[]) AND resolve_by <= now()
     ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
moved AS (
    UPDATE messages
       SET status = CASE WHEN error_class = ANY ($3::text[]) THEN 'sent'::message_status
                         ELSE 'failed'::message_status END,
           resolve_by = NULL,
           error_class = CASE WHEN error_class = ANY ($3::text[]) THEN error_class ELSE $4::text END,
           error_message = CASE WHEN error_class = ANY ($3::text[]) THEN error_message
                                ELSE $5::text END
     WHERE messages.id = ANY (ARRAY(SELECT id FROM m))
    RETURNING broadcast_id, status),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, unknown, sent, failed)
    SELECT broadcast_id, $2::int, -count(*), count(*) FILTER (WHERE status = 'sent'),
           count(*) FILTER (WHERE status = 'failed')
      FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE
       SET unknown = c.unknown + excluded.unknown, sent = c.sent + excluded.sent, failed = c.failed + excluded.failed)
SELECT count(*) FROM moved
)"};

// Tickets and counts are read in one snapshot, and a message moves from the one to the other in one
// transaction, so no message can be missed between the two. A broadcast that is over stays over:
// nothing adds a ticket to it.
inline constexpr Statement kCompletable{"completable", R"(
SELECT b.id FROM broadcasts b
 WHERE b.status IN ('running', 'paused') AND b.id <> ALL ($1::uuid[])
   AND NOT EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)
   AND (SELECT coalesce(sum(c.unknown), 0) FROM broadcast_counts c WHERE c.broadcast_id = b.id) = 0
)"};

// A single row of a writer that counted a delivery is enough, since no writer ever takes a delivery
// back. The ten thousand newest rows bound the read on installations that have run for years.
inline constexpr Statement kReceiptSigns{"receipt_signs", R"(
WITH newest AS MATERIALIZED (
    SELECT broadcast_id, sent, delivered, failed FROM broadcast_counts ORDER BY broadcast_id DESC, writer DESC LIMIT 10000)
SELECT coalesce(sum(sent), 0)::bigint,
       coalesce(bool_or(delivered > 0), false) OR EXISTS (SELECT FROM receipt_inbox),
       (SELECT broadcast_id FROM newest WHERE failed > 0 ORDER BY broadcast_id DESC LIMIT 1)
  FROM newest
)"};

// $1 is a broadcast, $2 the class of the errors of messages that failed by a receipt. The class
// tells such a failure from one that the provider's answer caused, which proves nothing about
// receipts.
inline constexpr Statement kFailedByReceipt{"failed_by_receipt", R"(
SELECT EXISTS (
    SELECT FROM (SELECT m.error_class FROM broadcasts b
                  CROSS JOIN LATERAL (SELECT r.error_class FROM messages r
                                       WHERE r.id >= b.first_message AND r.id <= b.last_message
                                       ORDER BY r.id LIMIT 10000) m
                  WHERE b.id = $1::uuid) looked_at
     WHERE error_class = $2::text)
)"};

// The status is asked again because a cancel may have been committed since the broadcast was found.
inline constexpr Statement kComplete{"complete", R"(
UPDATE broadcasts SET status = 'completed', completed_at = now()
 WHERE id = ANY ($1::uuid[]) AND status IN ('running', 'paused')
RETURNING id, total
)"};

} // namespace smsbcast::adapters::postgres::sql
