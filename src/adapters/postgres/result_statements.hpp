#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// $1 message, $2 ticket, $3 its attempt, $4 step (sent, failed, unknown, retry), $5 attempts, $6 generation,
// $7 maybe_sent, $8 provider_id, $9-11 error, $12 the provider, $13 the new ticket of a retry, $14 its delay in ms,
// $15 whether the provider took it, $16 writer, $17 ms that an unknown message gets, $18 the class of the errors of
// messages that failed by a receipt, $19 the provider ids to remember the message by, written as an array.
//
// The rules are effect_of_result() and belongs_in_history() of domain/message_rules.hpp, whose words the columns have.
//
// Each message and each ticket comes once, and all of them are locked by the statements before.
// A result whose ticket was lost finds no row by ticket and attempt: `leaves` is false, and it
// changes nothing. Two facts survive a lost lease, because the provider's answer is true whoever
// holds the ticket: an acceptance resolves a message that became unknown, and it completes one that
// a receipt moved first.
//
// sent_at is never later than delivered_at, although the receipt may have been committed before
// this result.
inline constexpr Statement kRecordResults{"record_results", R"(
WITH r AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::int[], $6::int[], $7::bool[], $8::text[],
                  $9::text[], $10::text[], $11::text[], $12::text[], $13::uuid[], $14::bigint[], $15::bool[],
                  $19::text[])
        AS r(message_id, ticket_id, ticket_attempt, step, attempts, generation, maybe_sent, provider_id, error_code,
             error_class, error_message, provider, new_ticket, delay, took, reference_ids)),
was AS MATERIALIZED (
    SELECT r.*, m.place, m.broadcast_id, m.error_class AS last_class, m.attempts AS last_attempts,
           h.place AS ticket_place, h.queued_at, h.place IS NOT NULL AS leaves,
           (m.status = 'unknown' AND (r.step = 'sent' OR (r.took AND m.sent_at IS NULL))) AS resolves,
           (r.took AND m.sent_at IS NULL
            AND (m.status = 'delivered' OR (m.status = 'failed' AND m.error_class = $18::text))) AS completes
      FROM r
     CROSS JOIN LATERAL (
        SELECT x.ctid AS place, x.ticket_id, x.broadcast_id, x.status, x.sent_at, x.error_class, x.attempts
          FROM messages x WHERE x.id = r.message_id OFFSET 0) m
      LEFT JOIN LATERAL (
        SELECT o.ctid AS place, o.queued_at FROM outbox o
         WHERE o.id = r.ticket_id AND o.attempt = r.ticket_attempt AND o.lease_owner IS NOT NULL
           AND m.ticket_id = r.ticket_id AND m.status = 'pending' OFFSET 0) h ON true),
moved AS (
    UPDATE messages m
       SET status = CASE WHEN w.completes OR w.step = 'retry' THEN m.status ELSE w.step::message_status END,
           ticket_id = CASE WHEN w.step = 'retry' THEN w.new_ticket ELSE m.ticket_id END,
           attempts = w.attempts, generation = w.generation, maybe_sent = w.maybe_sent,
           queued_at = coalesce(m.queued_at, w.queued_at),
           sent_at = CASE WHEN w.took THEN coalesce(m.sent_at, least(now(), m.delivered_at)) ELSE m.sent_at END,
           provider = CASE WHEN w.provider_id IS NULL AND m.provider_id IS NOT NULL THEN m.provider ELSE w.provider END,
           provider_id = coalesce(w.provider_id, m.provider_id),
           resolve_by = CASE WHEN w.step = 'unknown' AND NOT w.completes
                             THEN now() + $17::bigint * interval '1 millisecond' END,
           error_code = CASE WHEN w.completes THEN m.error_code ELSE w.error_code END,
           error_class = CASE WHEN w.completes THEN m.error_class ELSE w.error_class END,
           error_message = CASE WHEN w.completes THEN m.error_message ELSE w.error_message END
      FROM was w
     WHERE m.ctid = w.place AND (m.id = w.message_id) IS TRUE AND (w.leaves OR w.resolves OR w.completes)
    RETURNING m.id),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, sent, unknown, failed)
    SELECT broadcast_id, $16::int, count(*) FILTER (WHERE step = 'sent'),
           count(*) FILTER (WHERE step = 'unknown') - count(*) FILTER (WHERE resolves),
           count(*) FILTER (WHERE step = 'failed')
      FROM was WHERE (leaves AND step <> 'retry') OR resolves
     GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE
       SET sent = c.sent + excluded.sent, unknown = c.unknown + excluded.unknown, failed = c.failed + excluded.failed),
left_by AS MATERIALIZED (
    SELECT ticket_id AS id, ticket_place AS place, count(*)::int AS n
      FROM was WHERE leaves GROUP BY ticket_id, ticket_place),
done AS (
    UPDATE outbox o SET done = o.done + l.n
      FROM left_by l WHERE o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n <> o.size),
finished AS (
    DELETE FROM outbox o USING left_by l WHERE o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n = o.size),
retried AS (
    INSERT INTO outbox (id, broadcast_id, first_message, last_message, message_ids, size, due_at)
    SELECT new_ticket, min(broadcast_id::text)::uuid, min(message_id::text)::uuid, max(message_id::text)::uuid,
           array_agg(message_id ORDER BY message_id), count(*)::int, now() + max(delay) * interval '1 millisecond'
      FROM was WHERE leaves AND step = 'retry' GROUP BY new_ticket),
history AS (
    INSERT INTO attempts (message_id, number, error_code, error_class, error_message)
    SELECT message_id, attempts, error_code, error_class, error_message
      FROM was
     WHERE leaves AND error_code IS NOT NULL
       AND (attempts <> last_attempts OR error_class IS DISTINCT FROM last_class)),
refs AS (
    INSERT INTO provider_refs (provider, provider_id, message_id)
    SELECT w.provider, f.id, w.message_id FROM was w CROSS JOIN LATERAL unnest(w.reference_ids::text[]) AS f(id)
     WHERE w.leaves OR w.resolves OR w.completes
     ORDER BY f.id
    ON CONFLICT DO NOTHING)
SELECT count(*) FROM moved
)"};

} // namespace smsbcast::adapters::postgres::sql
