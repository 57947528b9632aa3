-- compatible-with: 003
-- The keys by which clients of the API are known.

CREATE TABLE api_keys (
    -- In the order of its bytes, whatever the collation of the database.
    prefix       text COLLATE "C" PRIMARY KEY,
    name         text NOT NULL,
    tenant       text NOT NULL,
    -- Names of scopes with a space between two. Those that only a newer release knows mean nothing to an older one.
    scopes       text NOT NULL,
    -- Of the secret, which itself is nowhere.
    digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    -- To a minute or so.
    last_used_at timestamptz
);
