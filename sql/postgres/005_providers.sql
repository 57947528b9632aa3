-- compatible-with: 003
-- Which provider an id belongs to. Two providers may give the same one, so ids are looked up together with the name.

-- Whose provider_id it is; without one, the provider of the last submission that reached an end. Null of messages that an
-- older release submitted.
ALTER TABLE messages ADD COLUMN provider text;

-- The key stays provider_id alone as long as programs run that write it by that key: ON CONFLICT names it. Until it has
-- moved there can be one provider only, since the second of two equal ids would be left out.
ALTER TABLE provider_refs ADD COLUMN provider text NOT NULL DEFAULT 'default';

-- Whose receipt it is.
ALTER TABLE receipt_inbox ADD COLUMN provider text NOT NULL DEFAULT 'default';
