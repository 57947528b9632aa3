#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// effect_of_lost_lease() of domain/message_rules.hpp says what becomes of the messages of a ticket
// whose lease ran out. Every sweep finds its rows without locks and then changes those of them that
// are still as they were found. So where one row cannot be changed, the others can be named without
// it. A statement that finds rows has for $1 the rows that are left alone; a statement that changes
// rows has for $1 those rows.
//
// This one lists the messages that are left in a ticket. Where not all of them can be taken out,
// the statements below are given those that can as their $2, and the ticket stays as it is but for
// them.
inline constexpr Statement kTicketMessages{"ticket_messages", R"(
SELECT m.id FROM outbox t CROSS JOIN LATERAL (
    SELECT r.id, r.ticket_id, r.status FROM messages r
     WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
    UNION ALL
    SELECT r.id, r.ticket_id, r.status FROM messages r WHERE r.id = ANY (t.message_ids)) m
 WHERE t.id = $1::uuid AND m.ticket_id = t.id AND m.status = 'pending' ORDER BY m.id
)"};

// While the installation is held, no lease is looked at: whether what a worker had was sent, the
// release says.
//
// The condition holds for tickets whose messages may have been flagged as possible duplicates
// before they went out: those of an earlier attempt that ended without a word, and those of
// retries.
#define SMSBCAST_MAY_BE_FLAGGED "(at_once AND (interrupted OR message_ids IS NOT NULL))"

// Nothing of these tickets went out, or it may be sent again: they may be taken anew. The attempt
// moved on when the ticket was taken, and the lease is gone now, so a worker that wakes up late is
// fenced out. Nobody knows which of its messages a lost worker had sent; so the history of each
// message gets an entry, once per ticket however many workers it outlives.
inline constexpr Statement kLapsedLeases{"lapsed_leases", R"(
SELECT id FROM outbox
 WHERE lease_until < now() AND NOT begun AND NOT )" SMSBCAST_MAY_BE_FLAGGED R"( AND id <> ALL ($1::uuid[])
   AND (SELECT held_since IS NULL FROM installation WHERE only_row)
 ORDER BY lease_until LIMIT 100
)"};

// $2 says whether the history gets an entry, $3-5 are its error. The lease is compared with the
// server's clock alone, here and wherever it is written: the clocks of the workers may differ by
// more than a lease lasts.
inline constexpr Statement kExpireLeases{"expire_leases", R"(
WITH t AS MATERIALIZED (
    SELECT id, first_message, last_message, message_ids, at_once AND NOT interrupted AND $2::bool AS cut_short
      FROM outbox
     WHERE id = ANY ($1::uuid[]) AND lease_until < now() AND NOT begun AND NOT )" SMSBCAST_MAY_BE_FLAGGED R"(
     ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
history AS (
    INSERT INTO attempts (message_id, number, error_code, error_class, error_message)
    SELECT m.id, m.attempts, $3::text, $4::text, $5::text
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

// Some messages of these tickets may have gone out for the second time already. The limit is lower
// than above because each ticket costs locks on all of its messages.
inline constexpr Statement kResentAndExpired{"resent_and_expired", R"(
SELECT id FROM outbox
 WHERE lease_until < now() AND NOT begun AND )" SMSBCAST_MAY_BE_FLAGGED R"( AND id <> ALL ($1::uuid[])
   AND (SELECT held_since IS NULL FROM installation WHERE only_row)
 ORDER BY lease_until LIMIT 20
)"};

// $1 are tickets, $2 messages or null, $3 the ms that unknown messages get, $4 the writer, $5-7 the
// error. The locks of lock_statements.hpp come before it; what was renewed or finished before those
// is left alone. A message that was flagged went out once more than it should have, and does not go
// out again; the others of its ticket may.
inline constexpr Statement kExpireResent{"expire_resent", R"(
WITH t AS MATERIALIZED (
    SELECT ctid AS place, id, first_message, last_message, message_ids, queued_at, NOT interrupted AS cut_short
      FROM outbox WHERE id = ANY ($1::uuid[]) AND lease_until < now() AND NOT begun AND )" SMSBCAST_MAY_BE_FLAGGED R"(),
m AS MATERIALIZED (
    SELECT m.place, m.id, m.attempts, m.possible_duplicate AS flagged, t.place AS ticket_place, t.queued_at,
           t.cut_short
      FROM t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.id, r.ticket_id, r.status, r.attempts, r.possible_duplicate FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.id, r.ticket_id, r.status, r.attempts, r.possible_duplicate
          FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending'
       AND ($2::uuid[] IS NULL OR m.id = ANY ($2::uuid[]))),
moved AS (
    UPDATE messages SET status = 'unknown', maybe_sent = true, attempts = messages.attempts + 1,
           queued_at = coalesce(messages.queued_at, m.queued_at),
           resolve_by = now() + $3::bigint * interval '1 millisecond', error_code = $5::text, error_class = $6::text,
           error_message = $7::text
      FROM m WHERE messages.ctid = m.place AND (messages.id = m.id) IS TRUE AND m.flagged
    RETURNING messages.broadcast_id),
history AS (
    INSERT INTO attempts (message_id, number, error_code, error_class, error_message)
    SELECT id, CASE WHEN flagged THEN attempts + 1 ELSE attempts END, $5::text, $6::text, $7::text
      FROM m WHERE flagged OR cut_short),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, unknown)
    SELECT broadcast_id, $4::int, count(*) FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE SET unknown = c.unknown + excluded.unknown),
left_by AS MATERIALIZED (
    SELECT t.place, t.id, (SELECT count(*)::int FROM m WHERE m.ticket_place = t.place AND m.flagged) AS n FROM t),
due AS (
    UPDATE outbox o SET lease_until = NULL, lease_owner = NULL, queued_at = NULL, due_at = now(), at_once = false,
           interrupted = true, done = o.done + l.n
      FROM left_by l
     WHERE $2::uuid[] IS NULL AND o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n <> o.size),
done AS (
    UPDATE outbox o SET done = o.done + l.n
      FROM left_by l
     WHERE $2::uuid[] IS NOT NULL AND o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n <> o.size),
gone AS (
    DELETE FROM outbox o USING left_by l WHERE o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n = o.size)
SELECT count(*) FROM t
)"};

#undef SMSBCAST_MAY_BE_FLAGGED

// Messages of these tickets may have gone out to a provider that knows no idempotency keys, and
// would send them twice.
inline constexpr Statement kBegunAndExpired{"begun_and_expired", R"(
SELECT id FROM outbox
 WHERE lease_until < now() AND begun AND id <> ALL ($1::uuid[])
   AND (SELECT held_since IS NULL FROM installation WHERE only_row)
 ORDER BY lease_until LIMIT 20
)"};

// $1 are tickets, $2 messages or null, $3 the ms that unknown messages get, $4 the writer, $5-7 the
// error. The locks of lock_statements.hpp come before it; what was renewed or finished before those
// is left alone. All messages of the ticket that have no recorded result become unknown, since
// mark_in_flight() was committed before the first of them left and says nothing of how far the
// worker got.
inline constexpr Statement kExpireBegun{"expire_begun", R"(
WITH t AS MATERIALIZED (
    SELECT ctid AS place, id, first_message, last_message, message_ids, queued_at FROM outbox
     WHERE id = ANY ($1::uuid[]) AND lease_until < now() AND begun),
m AS MATERIALIZED (
    SELECT m.place, m.id, t.place AS ticket_place, t.queued_at FROM t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.id, r.ticket_id, r.status FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.id, r.ticket_id, r.status FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending'
       AND ($2::uuid[] IS NULL OR m.id = ANY ($2::uuid[]))),
moved AS (
    UPDATE messages SET status = 'unknown', maybe_sent = true, attempts = attempts + 1,
           queued_at = coalesce(messages.queued_at, m.queued_at),
           resolve_by = now() + $3::bigint * interval '1 millisecond', error_code = $5::text, error_class = $6::text,
           error_message = $7::text
      FROM m WHERE messages.ctid = m.place AND (messages.id = m.id) IS TRUE
    RETURNING messages.id, messages.broadcast_id, messages.attempts),
history AS (
    INSERT INTO attempts (message_id, number, error_code, error_class, error_message)
    SELECT id, attempts, $5::text, $6::text, $7::text FROM moved),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, unknown)
    SELECT broadcast_id, $4::int, count(*) FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE SET unknown = c.unknown + excluded.unknown),
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

} // namespace smsbcast::adapters::postgres::sql
