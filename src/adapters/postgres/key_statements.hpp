#pragma once

#include "statement.hpp"

namespace smsbcast::adapters::postgres::sql {

// A new key is $1-6: prefix, name, tenant, scopes, digest and when it expires. $7 is how many keys there may be. It is
// made if `sources` give a row.
#define SMSBCAST_KEY_COLUMNS "prefix, name, tenant, scopes, created_at, expires_at, revoked_at, last_used_at"
#define SMSBCAST_KEY_ROOM "room AS MATERIALIZED (SELECT count(*) < $7::bigint AS is_left FROM api_keys)"
#define SMSBCAST_MADE_KEY(sources)                                                                                     \
    "made AS ("                                                                                                        \
    " INSERT INTO api_keys (prefix, name, tenant, scopes, digest, expires_at)"                                         \
    " SELECT $1::text, $2::text, $3::text, $4::text, $5::bytea, $6::timestamptz FROM " sources                         \
    " ON CONFLICT (prefix) DO NOTHING RETURNING " SMSBCAST_KEY_COLUMNS ")"

// Whoever makes a key takes this lock first, or two of them could take the last room together. It is a statement of its
// own because only a snapshot that is younger than the lock shows what the other one made. Of others only what begins
// or ends a hold waits for this row.
inline constexpr Statement kLockKeys{"lock_keys", R"(
SELECT count(*) FROM (SELECT FROM installation WHERE only_row FOR NO KEY UPDATE) locked
)"};

// $1 is how many ms a key stays after its end; of two ends the earlier one counts. SKIP LOCKED waits for nobody, so the
// order of these locks cannot close a circle.
inline constexpr Statement kForgetKeys{"forget_keys", R"(
DELETE FROM api_keys
 WHERE prefix = ANY (ARRAY(
           SELECT prefix FROM api_keys
            WHERE least(revoked_at, expires_at) < now() - $1::bigint * interval '1 millisecond'
            ORDER BY prefix FOR UPDATE SKIP LOCKED))
)"};

// The answer is one row: the columns of the key, which are null where none was made, and whether there was room.
inline constexpr Statement kInsertKey{"insert_key", R"(
WITH )" SMSBCAST_KEY_ROOM ", " SMSBCAST_MADE_KEY("room WHERE room.is_left") R"(
SELECT made.*, room.is_left FROM room LEFT JOIN made ON true
)"};

// $8 is the key that is replaced, $9 the ms for which it goes on. The rule is is_live() of domain/api_key.hpp. The
// answer has one more column than that of kInsertKey: whether the key was live, null where there is none.
inline constexpr Statement kRotateKey{"rotate_key", R"(
WITH )" SMSBCAST_KEY_ROOM R"(,
replaced AS MATERIALIZED (
    SELECT revoked_at IS NULL AND (expires_at > now()) IS NOT FALSE AS is_live FROM api_keys WHERE prefix = $8::text),
)" SMSBCAST_MADE_KEY("room, replaced WHERE room.is_left AND replaced.is_live") R"(,
ending AS (
    UPDATE api_keys SET expires_at = least(expires_at, now() + $9::bigint * interval '1 millisecond')
     WHERE prefix = $8::text AND EXISTS (SELECT FROM made))
SELECT made.*, room.is_left, replaced.is_live FROM room LEFT JOIN replaced ON true LEFT JOIN made ON true
)"};

#undef SMSBCAST_MADE_KEY
#undef SMSBCAST_KEY_ROOM

// The digest comes last, so that the other columns are where they are in the statements without it.
inline constexpr Statement kLiveKeys{"live_keys", R"(
SELECT )" SMSBCAST_KEY_COLUMNS R"(, digest FROM api_keys
 WHERE revoked_at IS NULL AND (expires_at > now()) IS NOT FALSE
)"};

inline constexpr Statement kListKeys{"list_keys", R"(
SELECT )" SMSBCAST_KEY_COLUMNS R"( FROM api_keys WHERE prefix > $1::text ORDER BY prefix LIMIT $2::int
)"};

inline constexpr Statement kGetKey{"get_key", R"(
SELECT )" SMSBCAST_KEY_COLUMNS R"( FROM api_keys WHERE prefix = $1::text
)"};

// The first time stays: it is the one since when the key has let nobody in.
inline constexpr Statement kRevokeKey{"revoke_key", R"(
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE prefix = $1::text
RETURNING )" SMSBCAST_KEY_COLUMNS};

#undef SMSBCAST_KEY_COLUMNS

// $1 are prefixes, $2 when each was used. Every replica notes the uses that it saw, often of the same keys, so all of
// them are locked in order of prefix before the first one is changed.
inline constexpr Statement kNoteKeyUses{"note_key_uses", R"(
WITH used AS MATERIALIZED (
    SELECT prefix, max(at) AS at FROM unnest($1::text[], $2::timestamptz[]) AS u(prefix, at) GROUP BY prefix),
locked AS MATERIALIZED (
    SELECT prefix FROM api_keys WHERE prefix = ANY ($1::text[]) ORDER BY prefix FOR NO KEY UPDATE)
UPDATE api_keys k SET last_used_at = greatest(k.last_used_at, used.at)
  FROM used
 WHERE k.prefix = used.prefix AND k.prefix = ANY (ARRAY(SELECT prefix FROM locked))
)"};

} // namespace smsbcast::adapters::postgres::sql
