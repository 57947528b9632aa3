-- compatible-with: 003
-- What is true of the installation as a whole.

CREATE TABLE installation (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    id           BLOB NOT NULL CHECK (length(id) = 16),
    made_at      INTEGER NOT NULL,
    -- Grows with every message that is taken, every ticket that is begun and every result that is recorded, so two copies
    -- of one file of which different messages went out differ in it.
    handed_over  INTEGER NOT NULL DEFAULT 0,
    -- While it is held, nothing is handed to a provider.
    held_since   INTEGER,
    held_because TEXT,
    CHECK ((held_since IS NULL) = (held_because IS NULL))
) STRICT;

INSERT INTO installation (only_row, id, made_at) VALUES (1, randomblob(16), unixepoch() * 1000);
