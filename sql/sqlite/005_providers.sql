-- Which provider an id belongs to. Two providers may give the same one, so ids are looked up together with the name.

-- Whose provider_id it is; without one, the provider of the last submission that reached an end.
ALTER TABLE messages ADD COLUMN provider TEXT;

-- Whose receipt it is.
ALTER TABLE receipt_inbox ADD COLUMN provider TEXT NOT NULL DEFAULT 'default';

ALTER TABLE provider_refs RENAME TO provider_refs_before;
CREATE TABLE provider_refs (
    provider    TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    message_id  BLOB NOT NULL,
    PRIMARY KEY (provider, provider_id)
) STRICT, WITHOUT ROWID;
INSERT INTO provider_refs SELECT 'default', provider_id, message_id FROM provider_refs_before;
DROP TABLE provider_refs_before;
