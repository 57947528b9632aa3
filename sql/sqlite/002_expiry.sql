-- A time after which no message of a broadcast is handed over any more.

ALTER TABLE broadcasts ADD COLUMN expires_at INTEGER;

-- Running, paused: what the sweeper looks through, of those that have a deadline.
CREATE INDEX broadcasts_expiring ON broadcasts (expires_at) WHERE status < 2 AND expires_at IS NOT NULL;
