-- The embedded store: the tables of ../postgres/001_foundation.sql, for one process that writes by one thread.
-- Ids are blobs of 16 bytes, times are milliseconds since 1970. A status is the place of its word in the list of its
-- enum: domain/message_status.hpp, domain/broadcast.hpp.

CREATE TABLE broadcasts (
    id            BLOB PRIMARY KEY,
    created_at    INTEGER NOT NULL,
    completed_at  INTEGER,
    total         INTEGER NOT NULL CHECK (total > 0),
    first_message BLOB NOT NULL,
    last_message  BLOB NOT NULL CHECK (last_message >= first_message),
    status        INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4),
    name          TEXT,
    body          TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Running, paused, canceling: what the relay and the sweeper look through; finished broadcasts leave it.
CREATE INDEX broadcasts_live ON broadcasts (status, id) WHERE status < 3;

-- A broadcast whose messages are being written, a piece a transaction. The last one writes the broadcast and deletes
-- this row; what it still names when the file is opened is deleted.
CREATE TABLE creating (
    broadcast_id  BLOB PRIMARY KEY,
    first_message BLOB NOT NULL,
    last_message  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The primary key is the table, and but for the partial index below there is no other, so a change of status writes one
-- page. A broadcast's messages are one range of the key.
CREATE TABLE messages (
    id                 BLOB PRIMARY KEY,
    broadcast_id       BLOB NOT NULL,
    -- Of a message that is in one, which is a pending one; the others need not carry it.
    ticket_id          BLOB,
    phone              INTEGER NOT NULL,
    -- Queued (1) and sending (2) belong to the ticket.
    status             INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 9 AND status NOT IN (1, 2)),
    attempts           INTEGER NOT NULL DEFAULT 0,
    -- Moves on with every refusal to take it yet, of which there can be any number.
    generation         INTEGER NOT NULL DEFAULT 0,
    maybe_sent         INTEGER NOT NULL DEFAULT 0,
    possible_duplicate INTEGER NOT NULL DEFAULT 0,
    queued_at          INTEGER,
    sent_at            INTEGER,
    delivered_at       INTEGER,
    resolve_by         INTEGER,
    provider_id        TEXT,
    error_code         TEXT,
    error_class        TEXT,
    error_message      TEXT,
    CHECK ((status = 4) = (resolve_by IS NOT NULL)),
    CHECK ((status = 0) = (ticket_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX messages_unresolved ON messages (resolve_by) WHERE resolve_by IS NOT NULL;

-- A ticket is up to 1000 messages of one broadcast that travel together. It is in one of three states:
-- waiting (due_at), queued (queued_at, no lease), taken (lease_until). It is deleted when all of it is done.
-- Those of one broadcast lie together, since its counts are summed over them.
CREATE TABLE outbox (
    broadcast_id  BLOB NOT NULL,
    id            BLOB NOT NULL,
    first_message BLOB NOT NULL,
    last_message  BLOB NOT NULL,
    due_at        INTEGER,
    queued_at     INTEGER,
    lease_until   INTEGER,
    lease_owner   BLOB,
    attempt       INTEGER NOT NULL DEFAULT 0,
    size          INTEGER NOT NULL CHECK (size > 0),
    done          INTEGER NOT NULL DEFAULT 0,
    -- Its messages are about to go out to a provider that would send them twice.
    begun         INTEGER NOT NULL DEFAULT 0,
    -- Whoever holds it hands messages over without a begin, and an attempt of that kind ended without a word: from then
    -- on any of them may have been sent.
    at_once       INTEGER NOT NULL DEFAULT 0,
    interrupted   INTEGER NOT NULL DEFAULT 0,
    -- Of a ticket that collects messages to be retried, 16 bytes each; without it, the ticket is the range first to last.
    message_ids   BLOB,
    PRIMARY KEY (broadcast_id, id),
    CHECK (done >= 0 AND done < size),
    CHECK (due_at IS NOT NULL OR queued_at IS NOT NULL OR lease_until IS NOT NULL),
    CHECK ((lease_until IS NULL) = (lease_owner IS NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX outbox_id ON outbox (id);
CREATE INDEX outbox_due ON outbox (broadcast_id, due_at, id) WHERE due_at IS NOT NULL;
-- With the sizes, since what lies in the queue is summed at every turn of the relay.
CREATE INDEX outbox_queued ON outbox (queued_at, size, done) WHERE queued_at IS NOT NULL AND lease_until IS NULL;
CREATE INDEX outbox_taken ON outbox (lease_until) WHERE lease_until IS NOT NULL;

-- How many messages of a broadcast are in the statuses that a message row stores, but for pending, which follows from
-- the tickets.
CREATE TABLE broadcast_counts (
    broadcast_id BLOB PRIMARY KEY,
    sent         INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
    unknown      INTEGER NOT NULL DEFAULT 0 CHECK (unknown >= 0),
    delivered    INTEGER NOT NULL DEFAULT 0 CHECK (delivered >= 0),
    failed       INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
    canceled     INTEGER NOT NULL DEFAULT 0 CHECK (canceled >= 0),
    expired      INTEGER NOT NULL DEFAULT 0 CHECK (expired >= 0),
    suppressed   INTEGER NOT NULL DEFAULT 0 CHECK (suppressed >= 0)
) STRICT, WITHOUT ROWID;

-- Submissions that did not simply succeed, in the order in which they ended.
CREATE TABLE attempts (
    id            INTEGER PRIMARY KEY,
    message_id    BLOB NOT NULL,
    at            INTEGER NOT NULL,
    number        INTEGER NOT NULL,
    error_code    TEXT NOT NULL,
    error_class   TEXT NOT NULL,
    error_message TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_message ON attempts (message_id);

-- Whose provider id this is, for providers that do not give our own id back.
CREATE TABLE provider_refs (
    provider_id TEXT PRIMARY KEY,
    message_id  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Receipts of messages that are not known by them (yet).
CREATE TABLE receipt_inbox (
    id          INTEGER PRIMARY KEY,
    received_at INTEGER NOT NULL,
    next_try_at INTEGER NOT NULL,
    message_id  BLOB,
    tries       INTEGER NOT NULL DEFAULT 0,
    delivered   INTEGER NOT NULL,
    provider_id TEXT NOT NULL,
    error_code  TEXT
) STRICT;
CREATE INDEX receipt_inbox_due ON receipt_inbox (next_try_at);
CREATE INDEX receipt_inbox_age ON receipt_inbox (received_at);

-- One row, written to find out whether the disk takes writes again.
CREATE TABLE disk_probe (writes INTEGER NOT NULL) STRICT;
INSERT INTO disk_probe VALUES (0);
