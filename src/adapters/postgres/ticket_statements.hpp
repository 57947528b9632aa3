#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// Every statement here locks its tickets in order of id before it changes them. It changes them by
// id and not by ctid, since the newest version of a row that it waited for is not in its snapshot.
// Whether a ticket is held is asked of lease_owner, which is in no index: by the index on
// lease_until the planner might read all that are held.
//
// $1 tickets, $2 their attempts, $3 worker, $4 ms of lease, $5 whether messages go out without a
// begin, $6 why the installation is held from now on if one of the tickets is ahead of its row. The
// statement moves the attempt on in every case: whatever an earlier attempt still has under way (a
// late confirm, a late result) finds another number and changes nothing. Of two workers that hold
// copies of one ticket, both get here, and one of them with the attempt that counts. A worker that
// asks again because it never saw the answer is given the same attempt again; when the broadcast
// has ended meanwhile, the ticket goes back, and none of it was sent.
//
// A ticket of the queue that is ahead of its row can only come from a later time than the store
// does: the store is an older copy, and what it believes unsent may be out. So the installation is
// held in the same transaction, before anything of it is handed out.
inline constexpr Statement kTakeTickets{"take_tickets", R"(
WITH ahead AS MATERIALIZED (
    SELECT FROM unnest($1::uuid[], $2::int[]) AS a(id, attempt) JOIN outbox o ON o.id = a.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt < a.attempt LIMIT 1),
noticed AS (
    UPDATE installation SET held_since = now(), held_because = $6::text
     WHERE only_row AND held_since IS NULL AND EXISTS (SELECT FROM ahead)),
gate AS MATERIALIZED (
    SELECT held_since IS NULL AND NOT EXISTS (SELECT FROM ahead) AS is_open FROM installation WHERE only_row),
held AS MATERIALIZED (
    SELECT o.id, b.runs AND (SELECT is_open FROM gate) AS runs, b.body, b.expires_at
      FROM unnest($1::uuid[], $2::int[]) AS a(id, attempt)
      JOIN outbox o ON o.id = a.id
     CROSS JOIN LATERAL (SELECT r.status = 'running' AND coalesce(r.expires_at, 'infinity') > now() AS runs, r.body,
                                r.expires_at
                           FROM broadcasts r WHERE r.id = o.broadcast_id OFFSET 0) b
     WHERE o.id = ANY ($1::uuid[])
       AND ((o.attempt = a.attempt AND o.lease_owner IS NULL)
            OR (o.attempt - 1 = a.attempt AND o.lease_owner = $3::uuid))
     ORDER BY o.id
       FOR NO KEY UPDATE OF o),
moved AS (
    UPDATE outbox o
       SET attempt = CASE WHEN o.lease_until IS NULL THEN o.attempt + 1 ELSE o.attempt END,
           lease_until = CASE WHEN h.runs THEN now() + $4::bigint * interval '1 millisecond' END,
           lease_owner = CASE WHEN h.runs THEN $3::uuid END,
           at_once = h.runs AND $5::bool,
           requeues = 0,
           queued_at = CASE WHEN h.runs THEN coalesce(o.queued_at, now()) END,
           due_at = CASE WHEN h.runs THEN NULL ELSE now() END
      FROM held h
     WHERE o.id = h.id AND o.id = ANY ($1::uuid[])
    RETURNING o.id, o.attempt, o.broadcast_id, h.runs, h.body, h.expires_at)
SELECT id, attempt, broadcast_id, body, floor(extract(epoch FROM expires_at - now()) * 1000)::bigint
  FROM moved WHERE runs ORDER BY id
)"};

// $4 are classes of errors that may have been meant for the message itself. It is a statement of
// its own, so that its snapshot is younger than the locks of the one before: a message that a
// receipt moved while those were waited for is not sent again.
inline constexpr Statement kReadTaken{"read_taken", R"(
WITH taken AS MATERIALIZED (
    SELECT o.id, o.first_message, o.last_message, o.message_ids, o.interrupted
      FROM unnest($1::uuid[], $2::int[]) AS a(id, attempt)
      JOIN outbox o ON o.id = a.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt - 1 = a.attempt AND o.lease_owner = $3::uuid)
SELECT t.id, m.id, m.phone, m.attempts::int, m.generation, m.maybe_sent OR t.interrupted,
       coalesce(m.error_class = ANY ($4::text[]), false)
  FROM taken t CROSS JOIN LATERAL (
    SELECT * FROM messages r WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
    UNION ALL
    SELECT * FROM messages r WHERE r.id = ANY (t.message_ids)) m
 WHERE m.ticket_id = t.id AND m.status = 'pending'
 ORDER BY t.id, m.id
)"};

// It has the first three parameters of kReadTaken, and the locks of lock_statements.hpp come before
// it. The flag is committed together with the taking and before the first message leaves, so a
// worker that dies in between leaves messages marked that were not resent, and never the reverse.
inline constexpr Statement kFlagTaken{"flag_taken", R"(
WITH taken AS MATERIALIZED (
    SELECT o.id, o.first_message, o.last_message, o.message_ids, o.interrupted
      FROM unnest($1::uuid[], $2::int[]) AS a(id, attempt)
      JOIN outbox o ON o.id = a.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt - 1 = a.attempt AND o.lease_owner = $3::uuid),
m AS MATERIALIZED (
    SELECT m.place, m.id FROM taken t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.id, r.ticket_id, r.status, r.maybe_sent FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.id, r.ticket_id, r.status, r.maybe_sent FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending' AND (m.maybe_sent OR t.interrupted))
UPDATE messages SET possible_duplicate = true FROM m WHERE messages.ctid = m.place AND (messages.id = m.id) IS TRUE
)"};

// The lease must still run: a worker that was paused past it must not begin, since the sweeper may
// be giving the ticket to another one at this moment.
inline constexpr Statement kMarkInFlight{"mark_in_flight", R"(
WITH held AS MATERIALIZED (
    SELECT o.id FROM unnest($1::uuid[], $2::int[]) AS t(id, attempt) JOIN outbox o ON o.id = t.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt = t.attempt AND coalesce(o.lease_until, '-infinity') > now()
     ORDER BY o.id FOR NO KEY UPDATE OF o)
UPDATE outbox o SET begun = true WHERE o.id = ANY (ARRAY(SELECT id FROM held))
RETURNING o.id, o.attempt
)"};

// A lease that ran out and was not swept yet is still this worker's: nobody else has the ticket,
// and renewing it spares the messages a second handover.
inline constexpr Statement kRenewTickets{"renew_tickets", R"(
WITH held AS MATERIALIZED (
    SELECT o.id, b.runs AND (SELECT held_since IS NULL FROM installation WHERE only_row) AS runs
      FROM unnest($1::uuid[], $2::int[]) AS t(id, attempt)
      JOIN outbox o ON o.id = t.id
     CROSS JOIN LATERAL (SELECT r.status = 'running' AND coalesce(r.expires_at, 'infinity') > now() AS runs
                           FROM broadcasts r WHERE r.id = o.broadcast_id OFFSET 0) b
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt = t.attempt AND o.lease_owner IS NOT NULL
     ORDER BY o.id FOR NO KEY UPDATE OF o)
UPDATE outbox o SET lease_until = now() + $3::bigint * interval '1 millisecond'
  FROM held WHERE o.id = held.id AND o.id = ANY ($1::uuid[])
RETURNING o.id, held.runs
)"};

// Workers ask this several times per lease, to stop within two seconds of a pause or a cancel
// without locking anything.
inline constexpr Statement kNotRunning{"not_running", R"(
SELECT id FROM broadcasts
 WHERE id = ANY ($1::uuid[])
   AND (status <> 'running' OR expires_at <= now() OR (SELECT held_since IS NOT NULL FROM installation WHERE only_row))
)"};

// The attempt stays spent, which is what makes a late result of the worker that gave the ticket
// back worthless.
inline constexpr Statement kGiveBackTickets{"give_back_tickets", R"(
WITH held AS MATERIALIZED (
    SELECT o.id FROM unnest($1::uuid[], $2::int[]) AS t(id, attempt) JOIN outbox o ON o.id = t.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt = t.attempt AND o.lease_owner IS NOT NULL
     ORDER BY o.id FOR NO KEY UPDATE OF o)
UPDATE outbox o
   SET lease_until = NULL, lease_owner = NULL, queued_at = NULL, begun = false, at_once = false, due_at = now()
 WHERE o.id = ANY (ARRAY(SELECT id FROM held))
)"};

} // namespace smsbcast::adapters::postgres::sql
