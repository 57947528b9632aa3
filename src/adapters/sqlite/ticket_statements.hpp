#pragma once

#include "connection.hpp"

// Tickets are moved here by the relay and the workers. Where a statement names the attempt, it
// changes nothing of a ticket that somebody else has taken since.

namespace smsbcast::adapters::sqlite::sql {

inline constexpr Statement kFindTicket{
    "find_ticket", "SELECT broadcast_id, id, first_message, last_message, queued_at, lease_owner, attempt, size, done, "
                   "message_ids, interrupted, at_once, begun FROM outbox WHERE id = ?1"};

inline constexpr Statement kBroadcastText{"broadcast_text",
                                          "SELECT status, body, expires_at FROM broadcasts WHERE id = ?1"};

// ?3 is the next attempt, ?4 the end of the lease, ?5 its owner, ?6 now, ?7 whether messages go out
// without a begin.
inline constexpr Statement kTakeTicket{"take_ticket",
                                       "UPDATE outbox SET attempt = ?3, lease_until = ?4, lease_owner = ?5, "
                                       "queued_at = coalesce(queued_at, ?6), due_at = NULL, at_once = ?7, requeues = 0 "
                                       "WHERE broadcast_id = ?1 AND id = ?2"};

inline constexpr Statement kSendTicketBack{
    "send_ticket_back", "UPDATE outbox SET attempt = ?3, lease_until = NULL, lease_owner = NULL, queued_at = NULL, "
                        "at_once = 0, requeues = 0, due_at = ?4 WHERE broadcast_id = ?1 AND id = ?2"};

// ?1 is the ticket, ?2 and ?3 its range.
#define SMSBCAST_PENDING_MESSAGE "SELECT id, phone, attempts, generation, maybe_sent, error_class FROM messages "

inline constexpr Statement kRangeMessages{"range_messages", SMSBCAST_PENDING_MESSAGE
                                          "WHERE id >= ?2 AND id <= ?3 AND ticket_id = ?1 AND status = 0 ORDER BY id"};

inline constexpr Statement kListedMessage{"listed_message",
                                          SMSBCAST_PENDING_MESSAGE "WHERE id = ?2 AND ticket_id = ?1 AND status = 0"};

#undef SMSBCAST_PENDING_MESSAGE

inline constexpr Statement kFlagMessage{"flag_message", "UPDATE messages SET possible_duplicate = 1 WHERE id = ?1"};

inline constexpr Statement kMarkInFlight{
    "mark_in_flight", "UPDATE outbox SET begun = 1 WHERE id = ?1 AND attempt = ?2 AND lease_until > ?3"};

// A lease that ran out and was not swept yet is still this worker's: nobody else has the ticket.
inline constexpr Statement kRenewTicket{
    "renew_ticket", "UPDATE outbox SET lease_until = ?3 WHERE id = ?1 AND attempt = ?2 AND lease_owner IS NOT NULL"};

#define SMSBCAST_NOT_HELD "(SELECT held_since IS NULL FROM installation WHERE only_row = 1)"

inline constexpr Statement kTicketRuns{
    "ticket_runs", "SELECT b.status = 0 AND coalesce(b.expires_at > ?2, 1) AND " SMSBCAST_NOT_HELD " FROM outbox o "
                   "CROSS JOIN broadcasts b ON b.id = o.broadcast_id WHERE o.id = ?1"};

inline constexpr Statement kHalted{"halted", "SELECT 1 FROM broadcasts WHERE id = ?1 AND "
                                             "(status <> 0 OR expires_at <= ?2 OR NOT " SMSBCAST_NOT_HELD ")"};

inline constexpr Statement kGiveBackTicket{
    "give_back_ticket", "UPDATE outbox SET lease_until = NULL, lease_owner = NULL, queued_at = NULL, begun = 0, "
                        "at_once = 0, due_at = ?3 WHERE id = ?1 AND attempt = ?2 AND lease_owner IS NOT NULL"};

// A worker may have taken the ticket before its confirm was recorded: then due_at is gone and the
// attempt has moved on.
inline constexpr Statement kMarkQueued{"mark_queued", "UPDATE outbox SET queued_at = ?3, due_at = NULL "
                                                      "WHERE id = ?1 AND attempt = ?2 AND due_at IS NOT NULL"};

inline constexpr Statement kReleaseTicket{
    "release_ticket", "UPDATE outbox SET due_at = ?3 WHERE id = ?1 AND attempt = ?2 AND due_at IS NOT NULL"};

inline constexpr Statement kQueuedLoad{
    "queued_load", "SELECT total(size - done) FROM outbox WHERE queued_at IS NOT NULL AND lease_until IS NULL"};

inline constexpr Statement kBroadcastsDue{"broadcasts_due",
                                          "SELECT b.id FROM broadcasts b WHERE b.status < 3 AND b.status = 0 "
                                          "AND coalesce(b.expires_at > ?1, 1) AND " SMSBCAST_NOT_HELD " AND EXISTS "
                                          "(SELECT 1 FROM outbox o WHERE o.broadcast_id = b.id AND o.due_at <= ?1)"};

inline constexpr Statement kFirstDue{"first_due", "SELECT id, attempt, size - done FROM outbox "
                                                  "WHERE broadcast_id = ?1 AND due_at <= ?2 "
                                                  "ORDER BY due_at, id LIMIT 1"};

inline constexpr Statement kClaimTicket{"claim_ticket",
                                        "UPDATE outbox SET due_at = ?3 WHERE broadcast_id = ?1 AND id = ?2"};

#undef SMSBCAST_NOT_HELD

} // namespace smsbcast::adapters::sqlite::sql
