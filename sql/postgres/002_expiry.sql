-- A time after which no message of a broadcast is handed over any more.

ALTER TABLE broadcasts ADD COLUMN expires_at timestamptz;

-- What the sweeper looks through: broadcasts that have a deadline and are not over.
CREATE INDEX broadcasts_expiring ON broadcasts (expires_at)
 WHERE status IN ('running', 'paused') AND expires_at IS NOT NULL;
