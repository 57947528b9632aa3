-- compatible-with: 003
-- What the addresses for receipts are sealed with, and since when.

-- 244 random bits. Text, since a secret that is configured instead is one as well.
ALTER TABLE installation ADD COLUMN receipt_secret text;
ALTER TABLE installation ADD COLUMN sealed_since timestamptz;

-- Workers of an older release, which seal nothing, may go on for a while, and what they submit others may submit again:
-- with the same bytes, since providers compare them. Where this release makes the installation, there are none.
UPDATE installation
   SET receipt_secret = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
       sealed_since = CASE WHEN made_at > now() - interval '10 minutes' AND NOT EXISTS (SELECT FROM broadcasts) THEN 'epoch'
                         ELSE now() + interval '1 day' END;

ALTER TABLE installation ALTER COLUMN receipt_secret SET NOT NULL;
ALTER TABLE installation ALTER COLUMN sealed_since SET NOT NULL;
