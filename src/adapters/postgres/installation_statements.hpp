#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

inline constexpr Statement kIdentity{"identity",
                                     "SELECT id, receipt_secret, sealed_since FROM installation WHERE only_row"};

inline constexpr Statement kHeld{"held", "SELECT held_since, held_because FROM installation WHERE only_row"};

// $1 is the reason. The first reason stays: it is the one that says what happened, those after it
// mostly follow from it.
inline constexpr Statement kHold{"hold", R"(
UPDATE installation SET held_since = coalesce(held_since, now()), held_because = coalesce(held_because, $1::text)
 WHERE only_row
RETURNING held_since, held_because
)"};

// $1 is the reason, used where something is left to send. The home is the OIDs of the database and
// of the table: pg_restore, a template copy and CREATE DATABASE give other ones, while a restart, a
// failover and a physical backup keep them. An installation with nothing left to send is not held,
// since nothing could be sent twice.
inline constexpr Statement kNoteHome{"note_home", R"(
WITH here AS MATERIALIZED (
    SELECT d.oid || '/' || 'installation'::regclass::oid AS home FROM pg_database d
     WHERE d.datname = current_database()),
work AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM broadcasts b
                    WHERE b.status IN ('running', 'paused')
                      AND EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)) AS is_left)
UPDATE installation i
   SET home = here.home,
       held_since = CASE WHEN i.held_since IS NULL AND work.is_left THEN now() ELSE i.held_since END,
       held_because = CASE WHEN i.held_since IS NULL AND work.is_left THEN $1::text ELSE i.held_because END
  FROM here, work
 WHERE i.only_row AND i.home <> here.home
)"};

// This covers tickets of broadcasts from before the hold, whoever holds them. Broadcasts that were
// accepted after it are not in the backup's shadow: nothing of them was ever sent.
#define SMSBCAST_HELD_BROADCAST                                                                                        \
    "b.status IN ('running', 'paused')"                                                                                \
    " AND b.created_at <= (SELECT held_since FROM installation WHERE only_row)"

inline constexpr Statement kHeldTickets{"held_tickets", R"(
SELECT o.id
  FROM broadcasts b
 CROSS JOIN LATERAL (SELECT t.id FROM outbox t WHERE t.broadcast_id = b.id LIMIT 50) o
 WHERE )" SMSBCAST_HELD_BROADCAST R"( LIMIT 50
)"};

// $1 are tickets, $2 the ms that unknown messages get, $3 the writer, $4 when the backup was taken,
// $5-7 the error. The locks of lock_statements.hpp come before it. sent_at marks these messages as
// sent as far as anybody can tell, so that they end as `sent` and not as `failed` when no receipt
// comes.
inline constexpr Statement kAssumeSent{"assume_sent", R"(
WITH t AS MATERIALIZED (
    SELECT ctid AS place, id, first_message, last_message, message_ids, queued_at FROM outbox
     WHERE id = ANY ($1::uuid[])),
m AS MATERIALIZED (
    SELECT m.place, m.id, t.queued_at FROM t CROSS JOIN LATERAL (
        SELECT r.ctid AS place, r.id, r.ticket_id, r.status FROM messages r
         WHERE t.message_ids IS NULL AND r.id >= t.first_message AND r.id <= t.last_message
        UNION ALL
        SELECT r.ctid, r.id, r.ticket_id, r.status FROM messages r WHERE r.id = ANY (t.message_ids)) m
     WHERE m.ticket_id = t.id AND m.status = 'pending'),
moved AS (
    UPDATE messages
       SET status = 'unknown', maybe_sent = true, resolve_by = now() + $2::bigint * interval '1 millisecond',
           queued_at = coalesce(messages.queued_at, m.queued_at),
           sent_at = coalesce(messages.sent_at, $4::timestamptz),
           error_code = $5::text, error_class = $6::text, error_message = $7::text
      FROM m
     WHERE messages.ctid = m.place AND (messages.id = m.id) IS TRUE
    RETURNING messages.broadcast_id),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, unknown)
    SELECT broadcast_id, $3::int, count(*) FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE SET unknown = c.unknown + excluded.unknown),
gone AS (
    DELETE FROM outbox o USING t WHERE o.ctid = t.place AND (o.id = t.id) IS TRUE)
SELECT count(*) FROM moved
)"};

// $1 says whether the tickets of before the hold must be gone. A queue, or another copy of the
// store, may know tickets with higher attempts than this store does; a thousand are more than a
// ticket was ever taken in between, so whatever they know is outdated from now on. A lease that ran
// out belongs to nobody and moves on as well; one that still runs is a worker's of today, whose
// writes must count. The answer is whether the hold was ended.
inline constexpr Statement kEndHold{"end_hold", R"(
WITH ended AS (
    UPDATE installation SET held_since = NULL, held_because = NULL
     WHERE only_row AND held_since IS NOT NULL
       AND NOT ($1::bool AND EXISTS (
               SELECT FROM broadcasts b
                WHERE )" SMSBCAST_HELD_BROADCAST R"(
                  AND EXISTS (SELECT FROM outbox o WHERE o.broadcast_id = b.id OFFSET 0)))
    RETURNING 1),
fenced AS (
    UPDATE outbox
       SET attempt = attempt + 1000,
           queued_at = CASE WHEN lease_until IS NULL THEN NULL ELSE queued_at END,
           due_at = CASE WHEN lease_until IS NULL THEN coalesce(due_at, now()) END
     WHERE EXISTS (SELECT FROM ended) AND (lease_until IS NULL OR lease_until < now()))
SELECT count(*) FROM ended
)"};

#undef SMSBCAST_HELD_BROADCAST

} // namespace smsbcast::adapters::postgres::sql
