-- compatible-with: 003
-- Which provider an id belongs to. Two providers may give the same one, so ids are looked up together with the name.

-- Of the last submission that reached an end; null before it, and of messages that an older release submitted.
ALTER TABLE messages ADD COLUMN provider text;

-- The key stays provider_id alone as long as programs run that write it by that key: ON CONFLICT names it.
ALTER TABLE provider_refs ADD COLUMN provider text NOT NULL DEFAULT 'default';

-- Whose receipt it is.
ALTER TABLE receipt_inbox ADD COLUMN provider text NOT NULL DEFAULT 'default';
