-- How often a ticket was published again because no worker took it. Each time doubles how long it may be queued.

ALTER TABLE outbox ADD COLUMN requeues smallint NOT NULL DEFAULT 0;
