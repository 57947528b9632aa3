#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::sqlite::sql {

inline constexpr Statement kReferredMessage{
    "referred_message", "SELECT message_id FROM provider_refs WHERE provider = ?1 AND provider_id = ?2"};

inline constexpr Statement kReceiver{
    "receiver", "SELECT status, ticket_id, broadcast_id, maybe_sent, error_class FROM messages WHERE id = ?1"};

inline constexpr Statement kReceiverTicket{
    "receiver_ticket",
    "SELECT attempt, queued_at, message_ids IS NULL FROM outbox WHERE broadcast_id = ?1 AND id = ?2"};

// ?2 is the status, ?3 when it was delivered, ?4 provider_id, ?5 when its ticket was queued, ?6-8
// the error, ?9 the provider.
#define SMSBCAST_RECEIVE                                                                                               \
    "UPDATE messages SET status = ?2, ticket_id = NULL, delivered_at = ?3, "                                           \
    "provider_id = coalesce(provider_id, ?4), queued_at = coalesce(queued_at, ?5), attempts = max(attempts, 1), "      \
    "error_code = ?6, error_class = ?7, error_message = ?8, provider = iif(provider_id IS NULL AND (?4 IS NOT NULL "   \
    "OR provider IS NULL), ?9, provider)"

inline constexpr Statement kReceive{"receive", SMSBCAST_RECEIVE " WHERE id = ?1"};

// This one is for a message that was unknown. The others leave resolve_by alone, since assigning it
// would touch its index.
inline constexpr Statement kReceiveUnknown{"receive_unknown", SMSBCAST_RECEIVE ", resolve_by = NULL WHERE id = ?1"};

#undef SMSBCAST_RECEIVE

inline constexpr Statement kKeepReceipt{
    "keep_receipt", "INSERT INTO receipt_inbox (received_at, next_try_at, message_id, provider_id, delivered, "
                    "error_code, provider) VALUES (?1, ?1 + 200, ?2, ?3, ?4, ?5, ?6)"};

inline constexpr Statement kClearReceipt{"clear_receipt", "DELETE FROM receipt_inbox WHERE id = ?1"};

// ?2 is the time at which it is tried again.
inline constexpr Statement kPostponeReceipt{
    "postpone_receipt", "UPDATE receipt_inbox SET tries = tries + 1, next_try_at = ?2 WHERE id = ?1"};

// It finds the receipts whose turn it is to be tried again.
inline constexpr Statement kInboxDue{
    "inbox_due", "SELECT id, message_id, provider_id, delivered, error_code, tries, provider FROM receipt_inbox "
                 "WHERE next_try_at <= ?1 ORDER BY next_try_at, id LIMIT 500"};

inline constexpr Statement kPurgeInbox{"purge_inbox", "DELETE FROM receipt_inbox WHERE id IN (SELECT id FROM "
                                                      "receipt_inbox WHERE received_at <= ?1 ORDER BY received_at "
                                                      "LIMIT 5000)"};

} // namespace smsbcast::adapters::sqlite::sql
