-- Broadcasts, their messages, and the transactional outbox. README.md beside this folder tells the story.

CREATE TYPE broadcast_status AS ENUM ('running', 'paused', 'canceling', 'canceled', 'completed');

CREATE TYPE message_status AS ENUM (
    'pending', 'queued', 'sending', 'sent', 'unknown', 'delivered', 'failed', 'canceled', 'expired', 'suppressed');

CREATE TABLE broadcasts (
    id            uuid PRIMARY KEY,
    created_at    timestamptz NOT NULL DEFAULT now(),
    completed_at  timestamptz,
    total         bigint NOT NULL CHECK (total > 0),
    first_message uuid NOT NULL,
    last_message  uuid NOT NULL CHECK (last_message >= first_message),
    status        broadcast_status NOT NULL DEFAULT 'running',
    name          text,
    body          text NOT NULL
);

-- What the relay and the sweeper look through; finished broadcasts leave it.
CREATE INDEX broadcasts_live ON broadcasts (id) WHERE status IN ('running', 'paused', 'canceling');

-- The primary key is the only index that every message is in: no index may hold a column that a status change writes,
-- or the change is no heap-only update any more. A broadcast's messages are one range of the key.
CREATE TABLE messages (
    id                 uuid PRIMARY KEY,
    broadcast_id       uuid NOT NULL,
    ticket_id          uuid NOT NULL,
    phone              bigint NOT NULL,
    -- Queued and sending belong to the ticket; the view below shows them.
    status             message_status NOT NULL DEFAULT 'pending' CHECK (status NOT IN ('queued', 'sending')),
    attempts           smallint NOT NULL DEFAULT 0,
    -- Moves on with every refusal to take it yet, of which there can be any number.
    generation         integer NOT NULL DEFAULT 0,
    maybe_sent         boolean NOT NULL DEFAULT false,
    possible_duplicate boolean NOT NULL DEFAULT false,
    queued_at          timestamptz,
    sent_at            timestamptz,
    delivered_at       timestamptz,
    resolve_by         timestamptz,
    provider_id        text,
    error_code         text,
    error_class        text,
    error_message      text,
    CHECK ((status = 'unknown') = (resolve_by IS NOT NULL))
) WITH (fillfactor = 35, autovacuum_vacuum_insert_scale_factor = 0.5);

CREATE INDEX messages_unresolved ON messages (resolve_by) WHERE resolve_by IS NOT NULL;

-- A ticket is up to 1000 messages of one broadcast that travel together. It is in one of three states:
-- waiting (due_at), queued (queued_at, no lease), taken (lease_until). It is deleted when all of it is done.
CREATE TABLE outbox (
    id            uuid PRIMARY KEY,
    broadcast_id  uuid NOT NULL,
    first_message uuid NOT NULL,
    last_message  uuid NOT NULL,
    due_at        timestamptz DEFAULT now(),
    queued_at     timestamptz,
    lease_until   timestamptz,
    lease_owner   uuid,
    attempt       integer NOT NULL DEFAULT 0,
    size          integer NOT NULL CHECK (size > 0),
    done          integer NOT NULL DEFAULT 0,
    -- Its messages are about to go out to a provider that would send them twice.
    begun         boolean NOT NULL DEFAULT false,
    -- Whoever holds it hands messages over without a begin, and an attempt of that kind ended without a word: from then
    -- on any of them may have been sent.
    at_once       boolean NOT NULL DEFAULT false,
    interrupted   boolean NOT NULL DEFAULT false,
    -- Of a ticket that collects messages to be retried; without it, the ticket is the range first to last.
    message_ids   uuid[],
    CHECK (done >= 0 AND done < size),
    CHECK (due_at IS NOT NULL OR queued_at IS NOT NULL OR lease_until IS NOT NULL),
    CHECK ((lease_until IS NULL) = (lease_owner IS NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);

-- With the id, since all tickets of a broadcast are due at the same moment: the first few are found without looking at
-- the rest.
CREATE INDEX outbox_due ON outbox (broadcast_id, due_at, id);
CREATE INDEX outbox_queued ON outbox (queued_at) WHERE queued_at IS NOT NULL AND lease_until IS NULL;
CREATE INDEX outbox_taken ON outbox (lease_until) WHERE lease_until IS NOT NULL;

-- How many messages of a broadcast are in the statuses that a message row stores, but for pending, which follows from
-- the tickets. Each writer has a row of its own, so that writers do not wait for each other; a row alone may be
-- negative, the sum is exact.
CREATE TABLE broadcast_counts (
    broadcast_id uuid NOT NULL,
    writer       smallint NOT NULL,
    sent         bigint NOT NULL DEFAULT 0,
    unknown      bigint NOT NULL DEFAULT 0,
    delivered    bigint NOT NULL DEFAULT 0,
    failed       bigint NOT NULL DEFAULT 0,
    canceled     bigint NOT NULL DEFAULT 0,
    expired      bigint NOT NULL DEFAULT 0,
    suppressed   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (broadcast_id, writer)
) WITH (fillfactor = 50);

-- Submissions that did not simply succeed.
CREATE TABLE attempts (
    message_id    uuid NOT NULL,
    at            timestamptz NOT NULL DEFAULT now(),
    number        integer NOT NULL,
    error_code    text NOT NULL,
    error_class   text NOT NULL,
    error_message text NOT NULL
);
CREATE INDEX attempts_message ON attempts (message_id);

-- Whose provider id this is, for providers that do not give our own id back.
CREATE TABLE provider_refs (
    provider_id text PRIMARY KEY,
    message_id  uuid NOT NULL
);

-- Receipts of messages that are not known by them (yet).
CREATE TABLE receipt_inbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now(),
    next_try_at timestamptz NOT NULL DEFAULT now() + interval '200 milliseconds',
    message_id  uuid,
    tries       integer NOT NULL DEFAULT 0,
    delivered   boolean NOT NULL,
    provider_id text NOT NULL,
    error_code  text
);
CREATE INDEX receipt_inbox_due ON receipt_inbox (next_try_at);
CREATE INDEX receipt_inbox_age ON receipt_inbox (received_at);

-- A message as users see it.
CREATE VIEW messages_shown AS
SELECT m.id, m.broadcast_id, m.phone,
       CASE WHEN m.status <> 'pending' THEN m.status
            WHEN o.lease_until IS NOT NULL THEN 'sending'::message_status
            WHEN o.queued_at IS NOT NULL THEN 'queued'::message_status
            ELSE 'pending'::message_status
       END AS status,
       m.attempts, coalesce(m.queued_at, o.queued_at) AS queued_at, m.sent_at, m.delivered_at, m.provider_id,
       m.error_code, m.error_class, m.error_message, m.possible_duplicate, m.status AS stored
  FROM messages m
  LEFT JOIN LATERAL (SELECT t.lease_until, t.queued_at FROM outbox t
                      WHERE m.status = 'pending' AND t.id = m.ticket_id OFFSET 0) o ON true;
