-- compatible-with: 005
-- What the addresses for receipts are sealed with, and since when.

-- 256 random bits. Text, since a secret that is configured instead is one as well.
ALTER TABLE installation ADD COLUMN receipt_secret TEXT NOT NULL DEFAULT '';
ALTER TABLE installation ADD COLUMN sealed_since INTEGER NOT NULL DEFAULT 0;

-- What an older release submitted this one may submit again: with the same bytes, since providers compare them. Where
-- this release makes the installation, there is none.
UPDATE installation
   SET receipt_secret = lower(hex(randomblob(32))),
       sealed_since = CASE WHEN made_at > (unixepoch() - 600) * 1000 AND NOT EXISTS (SELECT 1 FROM broadcasts) THEN 0
                         ELSE (unixepoch() + 24 * 3600) * 1000 END;
