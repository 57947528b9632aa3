#pragma once

#include "connection.hpp"

// Every sweep walks an index that holds nothing but what there is to do, in its order, and takes a
// bounded number of rows from its head.

namespace smsbcast::adapters::sqlite::sql {

// While the installation is held, no lease is looked at: whether what a worker had was sent, the
// release says.
#define SMSBCAST_NOT_HELD "(SELECT held_since IS NULL FROM installation WHERE only_row = 1)"

// Nothing of these tickets went out, or it may be sent again: they may be taken anew.
inline constexpr Statement kNotBegunAndExpired{
    "not_begun_and_expired",
    "SELECT id FROM outbox WHERE lease_until < ?1 AND begun = 0 AND " SMSBCAST_NOT_HELD " ORDER BY lease_until"};

// The attempt moved on when the ticket was taken, and the lease is gone now, so a worker that wakes
// up late is fenced out.
inline constexpr Statement kExpireLease{
    "expire_lease", "UPDATE outbox SET lease_until = NULL, lease_owner = NULL, queued_at = NULL, due_at = ?2, "
                    "interrupted = max(interrupted, at_once), at_once = 0 WHERE id = ?1"};

// Messages of these tickets may have gone out to a provider that would send them twice.
inline constexpr Statement kBegunAndExpired{
    "begun_and_expired",
    "SELECT id FROM outbox WHERE lease_until < ?1 AND begun = 1 AND " SMSBCAST_NOT_HELD " ORDER BY lease_until"};

#undef SMSBCAST_NOT_HELD

// ?2 is the end of its time, ?3 when its ticket was queued, ?4-6 the error.
inline constexpr Statement kLoseMessage{
    "lose_message", "UPDATE messages SET status = 4, ticket_id = NULL, maybe_sent = 1, attempts = attempts + 1, "
                    "queued_at = coalesce(queued_at, ?3), resolve_by = ?2, error_code = ?4, error_class = ?5, "
                    "error_message = ?6 WHERE id = ?1"};

inline constexpr Statement kIsFlagged{"is_flagged", "SELECT possible_duplicate FROM messages WHERE id = ?1"};

// ?2 is now, ?3 attempts, ?4-6 the error.
inline constexpr Statement kNoteLost{
    "note_lost", "INSERT INTO attempts (message_id, at, number, error_code, error_class, error_message) VALUES "
                 "(?1, ?2, ?3, ?4, ?5, ?6)"};

// ?2 is the time in ms that a ticket may be queued, ?3 whether it doubles with each requeue. The
// plain comparison with ?2 lets the index on queued_at bound the search.
inline constexpr Statement kLostInQueue{
    "lost_in_queue", "SELECT id FROM outbox WHERE queued_at IS NOT NULL AND lease_until IS NULL "
                     "AND queued_at <= ?1 - ?2 AND queued_at <= ?1 - (?2 << (?3 * requeues)) ORDER BY queued_at"};

// ?3 is how often the time doubles at most.
inline constexpr Statement kRequeue{"requeue", "UPDATE outbox SET queued_at = NULL, due_at = ?2, "
                                               "requeues = min(requeues + 1, ?3) WHERE id = ?1"};

// A ticket that a worker holds is left out: it comes back by the worker's own hand, which knows
// what it has sent.
inline constexpr Statement kCancelable{"cancelable",
                                       "SELECT o.id FROM broadcasts b CROSS JOIN outbox o ON o.broadcast_id = b.id "
                                       "WHERE b.status < 3 AND b.status = 2 AND o.lease_until IS NULL"};

// A paused broadcast expires too.
inline constexpr Statement kExpirable{"expirable",
                                      "SELECT o.id FROM broadcasts b CROSS JOIN outbox o ON o.broadcast_id = b.id "
                                      "WHERE b.status < 2 AND b.expires_at <= ?1 AND o.lease_until IS NULL"};

// ?2 is the status, canceled or expired, ?3 when its ticket was queued.
inline constexpr Statement kEndMessage{"end_message", "UPDATE messages SET status = ?2, ticket_id = NULL, "
                                                      "queued_at = coalesce(queued_at, ?3) WHERE id = ?1"};

// ?2 is the end of its time, ?3 when its ticket was queued, ?4-6 the error of a message that has
// none.
inline constexpr Statement kEndUncertainMessage{
    "end_uncertain_message",
    "UPDATE messages SET status = 4, ticket_id = NULL, resolve_by = ?2, maybe_sent = 1, "
    "queued_at = coalesce(queued_at, ?3), error_code = coalesce(error_code, ?4), "
    "error_class = coalesce(error_class, ?5), error_message = coalesce(error_message, ?6) WHERE id = ?1"};

inline constexpr Statement kEmptyCanceling{
    "empty_canceling", "SELECT id FROM broadcasts WHERE status < 3 AND status = 2 "
                       "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.broadcast_id = broadcasts.id)"};

inline constexpr Statement kFinishCanceled{"finish_canceled",
                                           "UPDATE broadcasts SET status = 3, completed_at = ?2 WHERE id = ?1"};

inline constexpr Statement kUnresolved{"unresolved",
                                       "SELECT id FROM messages WHERE resolve_by <= ?1 ORDER BY resolve_by"};

inline constexpr Statement kUnresolvedMessage{"unresolved_message",
                                              "SELECT broadcast_id, error_class FROM messages WHERE id = ?1"};

// This is for a message that the provider took without naming an id, or that may have gone out
// after a backup; its error stays.
inline constexpr Statement kEndAsSent{"end_as_sent", "UPDATE messages SET status = 3, resolve_by = NULL WHERE id = ?1"};

// ?2 and ?3 are the class and the sentence of its error.
inline constexpr Statement kFailMessage{
    "fail_message", "UPDATE messages SET status = 6, resolve_by = NULL, error_class = ?2, error_message = ?3 "
                    "WHERE id = ?1"};

// Tickets and counts are read in one transaction, and a message moves from the one to the other in
// one, so nothing is missed between the two.
inline constexpr Statement kCompleted{"completed",
                                      "SELECT b.id FROM broadcasts b WHERE b.status < 3 AND b.status IN (0, 1) "
                                      "AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.broadcast_id = b.id) "
                                      "AND (SELECT c.unknown FROM broadcast_counts c WHERE c.broadcast_id = b.id) = 0"};

inline constexpr Statement kComplete{"complete", "UPDATE broadcasts SET status = 4, completed_at = ?2 WHERE id = ?1"};

inline constexpr Statement kReceiptSigns{
    "receipt_signs", "SELECT coalesce(sum(sent), 0), coalesce(max(delivered), 0) > 0 OR EXISTS (SELECT 1 FROM "
                     "receipt_inbox), max(CASE WHEN failed > 0 THEN broadcast_id END) FROM (SELECT * FROM "
                     "broadcast_counts ORDER BY broadcast_id DESC LIMIT 10000)"};

// ?2 is the class of the errors of messages that failed by a receipt.
inline constexpr Statement kFailedByReceipt{
    "failed_by_receipt", "SELECT 1 FROM (SELECT m.error_class FROM broadcasts b CROSS JOIN messages m ON m.id BETWEEN "
                         "b.first_message AND b.last_message WHERE b.id = ?1 ORDER BY m.id LIMIT 10000) "
                         "WHERE error_class = ?2"};

inline constexpr Statement kTotal{"total", "SELECT total FROM broadcasts WHERE id = ?1"};

} // namespace smsbcast::adapters::sqlite::sql
