-- compatible-with: 005
-- The keys by which clients of the API are known.

CREATE TABLE api_keys (
    prefix       TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    tenant       TEXT NOT NULL,
    -- Names of scopes with a space between two. Those that only a newer release knows mean nothing to an older one.
    scopes       TEXT NOT NULL,
    -- Of the secret, which itself is nowhere.
    digest       BLOB NOT NULL CHECK (length(digest) = 32),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    revoked_at   INTEGER,
    -- To a minute or so.
    last_used_at INTEGER
) STRICT, WITHOUT ROWID;
