#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::sqlite::sql {

inline constexpr Statement kMessageState{
    "message_state",
    "SELECT status, ticket_id, broadcast_id, sent_at, error_class, attempts FROM messages WHERE id = ?1"};

// ?2 is the status, ?3 the ticket, ?4 attempts, ?5 generation, ?6 maybe_sent, ?7 when it was
// queued, ?8 when it was sent, ?9 provider_id, ?10-12 the error, ?13 the provider, ?14 resolve_by,
// whose index most steps need not touch.
#define SMSBCAST_STEP                                                                                                  \
    "UPDATE messages SET status = ?2, ticket_id = ?3, attempts = ?4, generation = ?5, maybe_sent = ?6, "               \
    "queued_at = coalesce(queued_at, ?7), sent_at = coalesce(sent_at, ?8), "                                           \
    "provider_id = coalesce(?9, provider_id), error_code = ?10, error_class = ?11, error_message = ?12, "              \
    "provider = iif(?9 IS NULL AND provider_id IS NOT NULL, provider, ?13)"

inline constexpr Statement kStepMessage{"step_message", SMSBCAST_STEP " WHERE id = ?1"};

inline constexpr Statement kStepUnknown{"step_unknown", SMSBCAST_STEP ", resolve_by = ?14 WHERE id = ?1"};

#undef SMSBCAST_STEP

// ?2 attempts, ?3 generation, ?4 maybe_sent, ?5 now, ?6 provider_id, ?7 the provider. The time at which its ticket
// was queued was written by the receipt. The message was sent no later than it was delivered.
inline constexpr Statement kCompleteMessage{
    "complete_message", "UPDATE messages SET attempts = ?2, generation = ?3, maybe_sent = ?4, "
                        "sent_at = min(?5, coalesce(delivered_at, ?5)), provider_id = coalesce(?6, provider_id), "
                        "provider = iif(?6 IS NULL AND provider_id IS NOT NULL, provider, ?7) "
                        "WHERE id = ?1"};

inline constexpr Statement kNoteAttempt{
    "note_attempt", "INSERT INTO attempts (message_id, at, number, error_code, error_class, error_message) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};

inline constexpr Statement kNoteReference{
    "note_reference",
    "INSERT INTO provider_refs (provider, provider_id, message_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"};

inline constexpr Statement kInsertRetry{
    "insert_retry", "INSERT INTO outbox (broadcast_id, id, first_message, last_message, message_ids, size, due_at) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};

} // namespace smsbcast::adapters::sqlite::sql
