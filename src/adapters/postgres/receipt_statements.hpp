#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// $1 are names of providers and $2 ids of theirs; the answer says whose they are. It runs before the transaction, so
// that all messages that the transaction may move can be locked first. A reference that is written
// between the two is not missed for good: its receipt goes to the inbox, and the sweeper finds the
// reference there.
inline constexpr Statement kResolveRefs{"resolve_refs", R"(
SELECT r.provider, r.provider_id, p.message_id
  FROM unnest($1::text[], $2::text[]) AS r(provider, provider_id)
 CROSS JOIN LATERAL (
    SELECT message_id FROM provider_refs x
     WHERE x.provider_id = r.provider_id AND x.provider = r.provider OFFSET 0) p
)"};

// $1 are messages that are locked; the tickets that they wait in are locked next. It is a statement
// of its own because only a snapshot that is younger than those locks shows a ticket that a message
// has just moved to. Only early receipts meet such messages.
inline constexpr Statement kLockReceiptTickets{"lock_receipt_tickets", R"(
SELECT count(*) FROM (
    SELECT FROM outbox
     WHERE id = ANY (ARRAY(SELECT m.ticket_id FROM messages m WHERE m.id = ANY ($1::uuid[]) AND m.status = 'pending'))
     ORDER BY id FOR NO KEY UPDATE) locked
)"};

// $1 our ids, $2 the provider's ids (empty: not given), $3 delivered, $4 error codes, $5 rows of
// the inbox (null: a new receipt), $6 writer, $7 whose the provider's ids are as far as that is
// known, $8 why the installation is held from now on if one of the receipts shows that the store is
// an older copy, $9-11 the error of a message that was not delivered, $12 the ms after which those
// of the inbox are tried again, $13 the providers, $14 the classes of errors of messages that were never taken.
//
// The rules are effect_of_receipt() and shows_older_copy() of domain/message_rules.hpp. Several
// receipts of a message are taken in order, which comes to this: the first that delivers decides,
// else the first; the first names the provider's id, else the one that decides. The answer holds,
// for each receipt in order, the status that its message had before, or null when no message was
// found.
//
// A receipt whose message is not known goes to the inbox in this same transaction, so the
// provider's request can be acknowledged after one commit whatever the receipt led to.
inline constexpr Statement kApplyReceipts{"apply_receipts", R"(
WITH r AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::bool[], $4::text[], $5::bigint[], $7::uuid[], $12::bigint[],
                         $13::text[])
             WITH ORDINALITY
             AS r(message_id, provider_id, delivered, error_code, inbox_id, referred_id, pause, provider, n)),
seen AS MATERIALIZED (
    SELECT r.*, m.*, o.place AS ticket_place, o.queued_at AS ticket_queued_at,
           m.id IS NOT NULL
           AND (m.maybe_sent OR coalesce(CASE m.status WHEN 'pending' THEN o.attempt > 0
                                                       WHEN 'failed' THEN NOT r.delivered
                                                                          OR m.error_class <> ALL ($14::text[])
                                                       ELSE true END, m.status = 'failed')) AS known,
           coalesce(m.status = 'pending' AND o.attempt = 0 AND o.is_first, false) AS ahead
      FROM r
      LEFT JOIN LATERAL (
        SELECT x.ctid AS place, x.id, x.status, x.ticket_id, x.broadcast_id, x.maybe_sent, x.error_class
          FROM messages x WHERE x.id = r.message_id
         UNION ALL
        SELECT x.ctid, x.id, x.status, x.ticket_id, x.broadcast_id, x.maybe_sent, x.error_class
          FROM messages x WHERE x.id = r.referred_id
         LIMIT 1) m ON true
      LEFT JOIN LATERAL (
        SELECT t.ctid AS place, t.attempt, t.queued_at, t.message_ids IS NULL AS is_first
          FROM outbox t WHERE m.status = 'pending' AND t.id = m.ticket_id OFFSET 0) o ON true),
best AS MATERIALIZED (
    SELECT DISTINCT ON (id) *, first_value(provider) OVER w AS first_provider,
           first_value(nullif(provider_id, '')) OVER w AS first_provider_id
      FROM seen
     WHERE known AND (status IN ('pending', 'sent', 'unknown') OR (status = 'failed' AND delivered))
    WINDOW w AS (PARTITION BY id ORDER BY n)
     ORDER BY id, delivered DESC, n),
moved AS (
    UPDATE messages m
       SET status = CASE WHEN b.delivered THEN 'delivered'::message_status ELSE 'failed'::message_status END,
           delivered_at = CASE WHEN b.delivered THEN now() END,
           provider = CASE WHEN m.provider_id IS NOT NULL THEN m.provider
                           WHEN b.first_provider_id IS NULL AND b.provider_id <> '' THEN b.provider
                           WHEN b.first_provider_id IS NULL THEN coalesce(m.provider, b.first_provider)
                           ELSE b.first_provider END,
           provider_id = coalesce(m.provider_id, b.first_provider_id, nullif(b.provider_id, '')),
           queued_at = coalesce(m.queued_at, b.ticket_queued_at),
           attempts = greatest(m.attempts, 1),
           resolve_by = NULL,
           error_code = CASE WHEN b.delivered THEN NULL ELSE coalesce(b.error_code, $9::text) END,
           error_class = CASE WHEN b.delivered THEN NULL ELSE $10::text END,
           error_message = CASE WHEN b.delivered THEN NULL ELSE $11::text END
      FROM best b
     WHERE m.ctid = b.place AND (m.id = b.id) IS TRUE
    RETURNING b.broadcast_id, b.status AS came_from, b.delivered, b.ticket_id, b.ticket_place),
counted AS (
    INSERT INTO broadcast_counts AS c (broadcast_id, writer, sent, unknown, delivered, failed)
    SELECT broadcast_id, $6::int, -count(*) FILTER (WHERE came_from = 'sent'),
           -count(*) FILTER (WHERE came_from = 'unknown'), count(*) FILTER (WHERE delivered),
           count(*) FILTER (WHERE NOT delivered) - count(*) FILTER (WHERE came_from = 'failed')
      FROM moved GROUP BY broadcast_id ORDER BY broadcast_id
    ON CONFLICT (broadcast_id, writer) DO UPDATE
       SET sent = c.sent + excluded.sent, unknown = c.unknown + excluded.unknown,
           delivered = c.delivered + excluded.delivered, failed = c.failed + excluded.failed),
left_by AS MATERIALIZED (
    SELECT ticket_id AS id, ticket_place AS place, count(*)::int AS n
      FROM moved WHERE came_from = 'pending' GROUP BY ticket_id, ticket_place),
done AS (
    UPDATE outbox o SET done = o.done + l.n
      FROM left_by l WHERE o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n <> o.size),
finished AS (
    DELETE FROM outbox o USING left_by l WHERE o.ctid = l.place AND (o.id = l.id) IS TRUE AND o.done + l.n = o.size),
kept AS (
    INSERT INTO receipt_inbox (message_id, provider_id, delivered, error_code, provider)
    SELECT message_id, provider_id, delivered, error_code, provider FROM seen WHERE inbox_id IS NULL AND NOT known ORDER BY n),
cleared AS (
    DELETE FROM receipt_inbox
     WHERE id = ANY (ARRAY(SELECT inbox_id FROM seen WHERE inbox_id IS NOT NULL AND known))),
postponed AS (
    UPDATE receipt_inbox i
       SET tries = i.tries + 1, next_try_at = now() + s.pause * interval '1 millisecond'
      FROM (SELECT inbox_id, pause FROM seen WHERE inbox_id IS NOT NULL AND NOT known) s
     WHERE i.id = s.inbox_id),
noticed AS (
    UPDATE installation SET held_since = now(), held_because = $8::text
     WHERE only_row AND held_since IS NULL AND EXISTS (SELECT FROM seen WHERE ahead))
SELECT CASE WHEN known THEN id END, status::text, broadcast_id FROM seen ORDER BY n
)"};

// $1 our ids, $2 the provider's ids, $3 delivered, $4 error codes, $5 the providers. The order of insertion is kept,
// since the inbox is worked off in order of its ids.
inline constexpr Statement kKeepReceipts{"keep_receipts", R"(
INSERT INTO receipt_inbox (message_id, provider_id, delivered, error_code, provider)
SELECT message_id, provider_id, delivered, error_code, provider
  FROM unnest($1::uuid[], $2::text[], $3::bool[], $4::text[], $5::text[])
       WITH ORDINALITY AS r(message_id, provider_id, delivered, error_code, provider, n)
 ORDER BY n
)"};

// $1 is a row of the inbox, $2 the ms after which it is tried again.
inline constexpr Statement kPostponeReceipt{"postpone_receipt", R"(
UPDATE receipt_inbox SET tries = tries + 1, next_try_at = now() + $2::bigint * interval '1 millisecond'
 WHERE id = $1::bigint
)"};

// The receipts whose turn it is to be tried again are picked by their due time and handed over in
// the order in which they came: of two receipts of one message the older one must be applied first.
inline constexpr Statement kInboxDue{"inbox_due", R"(
SELECT * FROM (
    SELECT id, message_id, provider_id, delivered, error_code, tries, provider FROM receipt_inbox
     WHERE next_try_at <= now() ORDER BY next_try_at, id LIMIT 500) due
 ORDER BY id
)"};

// Five thousand at a time, so that a flood of receipts that nobody knows is not deleted in one long
// transaction, which would keep VACUUM from cleaning up behind everybody else.
inline constexpr Statement kPurgeInbox{"purge_inbox", R"(
WITH old AS MATERIALIZED (
    SELECT id FROM receipt_inbox WHERE received_at < now() - $1::bigint * interval '1 millisecond'
     ORDER BY received_at LIMIT 5000 FOR UPDATE SKIP LOCKED)
DELETE FROM receipt_inbox WHERE id = ANY (ARRAY(SELECT id FROM old))
)"};

} // namespace smsbcast::adapters::postgres::sql
