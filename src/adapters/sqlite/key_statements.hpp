#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::sqlite::sql {

#define SMSBCAST_KEY_COLUMNS "prefix, name, tenant, scopes, created_at, expires_at, revoked_at, last_used_at"
// min() of two gives NULL where one of them is; a key that goes on has no end at all.
#define SMSBCAST_KEY_END "coalesce(min(revoked_at, expires_at), revoked_at, expires_at)"

// ?1 is the time: keys that ended before it are as good as gone.
inline constexpr Statement kCountKeys{"count_keys",
                                      "SELECT count(*) FROM api_keys WHERE (" SMSBCAST_KEY_END " < ?1) IS NOT TRUE"};

inline constexpr Statement kKeyIsTaken{"key_is_taken", "SELECT 1 FROM api_keys WHERE prefix = ?1 AND (" SMSBCAST_KEY_END
                                                       " < ?2) IS NOT TRUE"};

inline constexpr Statement kForgetKeys{"forget_keys", "DELETE FROM api_keys WHERE " SMSBCAST_KEY_END " < ?1"};

#undef SMSBCAST_KEY_END

inline constexpr Statement kInsertKey{
    "insert_key", "INSERT INTO api_keys (prefix, name, tenant, scopes, digest, created_at, expires_at) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};

inline constexpr Statement kGetKey{"get_key", "SELECT " SMSBCAST_KEY_COLUMNS " FROM api_keys WHERE prefix = ?1"};

inline constexpr Statement kListKeys{"list_keys", "SELECT " SMSBCAST_KEY_COLUMNS
                                                  " FROM api_keys WHERE prefix > ?1 ORDER BY prefix LIMIT ?2"};

inline constexpr Statement kLiveKeys{"live_keys",
                                     "SELECT " SMSBCAST_KEY_COLUMNS ", digest FROM api_keys "
                                     "WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?1)"};

#undef SMSBCAST_KEY_COLUMNS

// The first time stays: it is the one since when the key has let nobody in.
inline constexpr Statement kRevokeKey{"revoke_key",
                                      "UPDATE api_keys SET revoked_at = ?2 WHERE prefix = ?1 AND revoked_at IS NULL"};

inline constexpr Statement kExpireKey{
    "expire_key", "UPDATE api_keys SET expires_at = min(coalesce(expires_at, ?2), ?2) WHERE prefix = ?1"};

inline constexpr Statement kNoteKeyUse{"note_key_use",
                                       "UPDATE api_keys SET last_used_at = ?2 "
                                       "WHERE prefix = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)"};

} // namespace smsbcast::adapters::sqlite::sql
