#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::sqlite::sql {

inline constexpr Statement kMessageState{
    "message_state",
    "SELECT status, ticket_id, broadcast_id, sent_at, error_class, attempts FROM messages WHERE id = ?1"};

// ?2 status, ?3 ticket, ?4 attempts, ?5 generation, ?6 maybe_sent, ?7 possible_duplicate, ?8 when it was queued,
// ?9 when it was sent, ?10 provider_id, ?11-13 error; ?14 resolve_by, whose index most steps need not touch.
#define SMSBCAST_STEP                                                                                                  \
    "UPDATE messages SET status = ?2, ticket_id = ?3, attempts = ?4, generation = ?5, maybe_sent = ?6, "               \
    "possible_duplicate = max(possible_duplicate, ?7), queued_at = coalesce(queued_at, ?8), "                          \
    "sent_at = coalesce(?9, sent_at), provider_id = coalesce(?10, provider_id), "                                      \
    "error_code = ?11, error_class = ?12, error_message = ?13"

inline constexpr Statement kStepMessage{"step_message", SMSBCAST_STEP " WHERE id = ?1"};

inline constexpr Statement kStepUnknown{"step_unknown", SMSBCAST_STEP ", resolve_by = ?14 WHERE id = ?1"};

#undef SMSBCAST_STEP

// ?2 attempts, ?3 generation, ?4 maybe_sent, ?5 possible_duplicate, ?6 now, ?7 provider_id. When its ticket was queued,
// the receipt has written down.
inline constexpr Statement kCompleteMessage{
    "complete_message", "UPDATE messages SET attempts = ?2, generation = ?3, maybe_sent = ?4, "
                        "possible_duplicate = max(possible_duplicate, ?5), "
                        "sent_at = min(?6, coalesce(delivered_at, ?6)), provider_id = coalesce(?7, provider_id) "
                        "WHERE id = ?1"};

inline constexpr Statement kNoteAttempt{
    "note_attempt", "INSERT INTO attempts (message_id, at, number, error_code, error_class, error_message) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};

inline constexpr Statement kNoteReference{
    "note_reference",
    "INSERT INTO provider_refs (provider_id, message_id) VALUES (?1, ?2) ON CONFLICT (provider_id) DO NOTHING"};

inline constexpr Statement kInsertRetry{
    "insert_retry", "INSERT INTO outbox (broadcast_id, id, first_message, last_message, message_ids, size, due_at) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"};

} // namespace smsbcast::adapters::sqlite::sql
