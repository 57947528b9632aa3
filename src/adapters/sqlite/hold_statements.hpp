#pragma once

#include "connection.hpp"

// These statements are about the installation's row, and what a release does with the tickets. A
// number in a text is the place of a status in its enum's list.

namespace smsbcast::adapters::sqlite::sql {

inline constexpr Statement kHeld{"held", "SELECT held_since, held_because FROM installation WHERE only_row = 1"};

// The first reason stays.
inline constexpr Statement kHold{"hold", "UPDATE installation SET held_since = ?1, held_because = ?2 "
                                         "WHERE only_row = 1 AND held_since IS NULL"};

inline constexpr Statement kUnhold{"unhold",
                                   "UPDATE installation SET held_since = NULL, held_because = NULL WHERE only_row = 1"};

inline constexpr Statement kIdentity{"identity",
                                     "SELECT id, receipt_secret, sealed_since FROM installation WHERE only_row = 1"};

inline constexpr Statement kInstallation{"installation", "SELECT id, handed_over FROM installation WHERE only_row = 1"};

inline constexpr Statement kCountHandedOver{
    "count_handed_over",
    "UPDATE installation SET handed_over = handed_over + ?1 WHERE only_row = 1 RETURNING handed_over"};

// ?1 is the count that the mark beside the file knows of.
inline constexpr Statement kBranchOff{
    "branch_off",
    "UPDATE installation SET handed_over = max(handed_over, ?1) + 1 WHERE only_row = 1 RETURNING handed_over"};

// `status < 3` repeats the predicate of a partial index: SQLite uses such an index only where a
// query implies its predicate word for word.
inline constexpr Statement kWorkLeft{"work_left", "SELECT 1 FROM broadcasts b WHERE b.status < 3 AND b.status < 2 "
                                                  "AND EXISTS (SELECT 1 FROM outbox o WHERE o.broadcast_id = b.id)"};

// It finds tickets of broadcasts that are not younger than ?1, whoever holds them.
inline constexpr Statement kHeldTickets{"held_tickets",
                                        "SELECT o.id FROM broadcasts b CROSS JOIN outbox o ON o.broadcast_id = b.id "
                                        "WHERE b.status < 3 AND b.status < 2 AND b.created_at <= ?1"};

// ?2 is the end of its time, ?3 when its ticket was queued, ?4 when the backup was taken, ?5-7 its
// error.
inline constexpr Statement kAssumeSent{
    "assume_sent", "UPDATE messages SET status = 4, ticket_id = NULL, maybe_sent = 1, resolve_by = ?2, "
                   "queued_at = coalesce(queued_at, ?3), sent_at = coalesce(sent_at, ?4), "
                   "error_code = ?5, error_class = ?6, error_message = ?7 WHERE id = ?1"};

// A queue, or another copy of the file, may know a higher attempt of a ticket than this file does;
// a thousand are more than it was ever taken in between. A lease that ran out belongs to nobody and
// moves on as well.
inline constexpr Statement kFenceTickets{"fence_tickets",
                                         "UPDATE outbox SET attempt = attempt + 1000, "
                                         "queued_at = CASE WHEN lease_until IS NOT NULL THEN queued_at END, "
                                         "due_at = CASE WHEN lease_until IS NULL THEN coalesce(due_at, ?1) END "
                                         "WHERE lease_until IS NULL OR lease_until < ?1"};

} // namespace smsbcast::adapters::sqlite::sql
