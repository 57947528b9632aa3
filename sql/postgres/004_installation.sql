-- compatible-with: 003
-- What is true of the installation as a whole, and views for those who read the database of the system before this one.

CREATE TABLE installation (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id           uuid NOT NULL DEFAULT gen_random_uuid(),
    made_at      timestamptz NOT NULL DEFAULT now(),
    -- Where the row was written: the database's and the table's own number. A dump that is restored has others.
    home         text NOT NULL,
    -- While it is held, nothing is handed to a provider.
    held_since   timestamptz,
    held_because text,
    CHECK ((held_since IS NULL) = (held_because IS NULL))
);

INSERT INTO installation (home)
SELECT d.oid || '/' || 'installation'::regclass::oid FROM pg_database d WHERE d.datname = current_database();

-- Schema `report` for the schema `smsbcast`, and `NAME_report` for any other. Where this user may not make it, or
-- somebody else's views have these names, they are left out: sql/README.md says how to make them.
DO $views$
DECLARE
    report text := CASE current_schema() WHEN 'smsbcast' THEN 'report' ELSE current_schema() || '_report' END;
BEGIN
    IF to_regnamespace(quote_ident(report)) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', report);
    END IF;
    IF EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(report))
                                      AND relname IN ('broadcasts', 'messages')) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE VIEW %I.broadcasts AS SELECT id, name, created_at FROM broadcasts', report);
    EXECUTE format($v$
        CREATE VIEW %I.messages AS
        SELECT m.id, m.broadcast_id, '+' || m.phone AS to_number, b.body, m.status::text AS status, m.provider_id,
               b.created_at,
               greatest(b.created_at, m.queued_at, m.sent_at, m.delivered_at) AS updated_at
          FROM messages_shown m JOIN broadcasts b ON b.id = m.broadcast_id $v$, report);
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'schema % is left out: %', report, SQLERRM;
END
$views$;
