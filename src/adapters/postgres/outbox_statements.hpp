#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// The relay publishes only as much as the workers take soon, and learns from the first column how
// much already waits in the broker. The second says whether to come back at once or to wait for a
// notification.
inline constexpr Statement kOutboxLoad{"outbox_load", R"(
SELECT (SELECT coalesce(sum(size - done), 0) FROM outbox WHERE queued_at IS NOT NULL AND lease_until IS NULL),
       EXISTS (SELECT FROM broadcasts b
                WHERE b.status = 'running' AND coalesce(b.expires_at, 'infinity') > now()
                  AND (SELECT held_since IS NULL FROM installation WHERE only_row)
                  AND EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id AND o.due_at <= now() OFFSET 0))
)"};

// $1 is a number of messages, $2 the ms of the claim's lease. Each running broadcast with due
// tickets and time left has its turn: `turn` 1 of all of them comes before `turn` 2 of any, so a
// broadcast of one recipient never waits behind a million others. A claim is a due time in the near
// future, so the claims of a relay that died lapse by themselves.
//
// What one relay needs is counted without locks; then as many tickets are locked, from a list of
// four times that, so that a few relays find different ones. Locks are taken in a CTE of their own:
// below an UPDATE, the planner may lock more rows than the limit says.
inline constexpr Statement kClaimTickets{"claim_tickets", R"(
WITH live AS MATERIALIZED (
    SELECT b.id FROM broadcasts b
     WHERE b.status = 'running' AND coalesce(b.expires_at, 'infinity') > now()
       AND (SELECT held_since IS NULL FROM installation WHERE only_row)
       AND EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id AND o.due_at <= now() OFFSET 0)
     ORDER BY random() LIMIT 200),
candidates AS MATERIALIZED (
    SELECT t.id, t.turn, t.messages
      FROM live CROSS JOIN LATERAL (
        SELECT o.id, o.size - o.done AS messages, row_number() OVER (ORDER BY o.due_at, o.id) AS turn
          FROM outbox o
         WHERE o.broadcast_id = live.id AND o.due_at <= now()
         ORDER BY o.due_at, o.id
         LIMIT (SELECT greatest(1, 4 * $1::int / greatest(1, count(*))) FROM live)) t),
listed AS MATERIALIZED (
    SELECT id, turn, ahead
      FROM (SELECT id, turn, coalesce(sum(messages) OVER (ORDER BY turn, id
                                                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS ahead
              FROM candidates) c
     WHERE ahead < 4 * $1::bigint),
locked AS MATERIALIZED (
    SELECT o.id, l.turn, o.size - o.done AS messages
      FROM listed l JOIN outbox o ON o.id = l.id
     WHERE o.id = ANY (ARRAY(SELECT id FROM listed)) AND o.due_at <= now()
     ORDER BY l.turn, l.id
     LIMIT (SELECT count(*) FROM listed WHERE ahead < $1::int)
       FOR NO KEY UPDATE OF o SKIP LOCKED),
chosen AS MATERIALIZED (
    SELECT id
      FROM (SELECT id, coalesce(sum(messages) OVER (ORDER BY turn, id
                                                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS ahead
              FROM locked) l
     WHERE ahead < $1::int)
UPDATE outbox o SET due_at = now() + $2::bigint * interval '1 millisecond'
 WHERE o.id = ANY (ARRAY(SELECT id FROM chosen))
RETURNING o.id, o.attempt, o.broadcast_id, o.size - o.done
)"};

// A worker may have taken the ticket before its confirm was recorded: then due_at is gone and the
// attempt has moved on, and the mark must change nothing. `queued` is advisory, so nothing is lost
// by that.
inline constexpr Statement kMarkQueued{"mark_queued", R"(
WITH held AS MATERIALIZED (
    SELECT o.id FROM unnest($1::uuid[], $2::int[]) AS t(id, attempt) JOIN outbox o ON o.id = t.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt = t.attempt AND o.due_at IS NOT NULL
     ORDER BY o.id FOR NO KEY UPDATE OF o)
UPDATE outbox o SET queued_at = now(), due_at = NULL WHERE o.id = ANY (ARRAY(SELECT id FROM held))
)"};

// The same guards as above: a ticket whose refusal was reported late may be with a worker that got
// an earlier copy of it.
inline constexpr Statement kReleaseTickets{"release_tickets", R"(
WITH held AS MATERIALIZED (
    SELECT o.id FROM unnest($1::uuid[], $2::int[]) AS t(id, attempt) JOIN outbox o ON o.id = t.id
     WHERE o.id = ANY ($1::uuid[]) AND o.attempt = t.attempt AND o.due_at IS NOT NULL
     ORDER BY o.id FOR NO KEY UPDATE OF o)
UPDATE outbox o SET due_at = now() WHERE o.id = ANY (ARRAY(SELECT id FROM held))
)"};

} // namespace smsbcast::adapters::postgres::sql
