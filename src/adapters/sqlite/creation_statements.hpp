#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::sqlite::sql {

inline constexpr Statement kIsCreated{"is_created", "SELECT 1 FROM broadcasts WHERE id = ?1"};

inline constexpr Statement kIsCreating{"is_creating", "SELECT 1 FROM creating WHERE broadcast_id = ?1"};

inline constexpr Statement kInsertMessage{
    "insert_message", "INSERT INTO messages (id, broadcast_id, ticket_id, phone) VALUES (?1, ?2, ?3, ?4)"};

inline constexpr Statement kInsertTicket{
    "insert_ticket", "INSERT INTO outbox (broadcast_id, id, first_message, last_message, size, due_at) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};

inline constexpr Statement kInsertBroadcast{
    "insert_broadcast", "INSERT INTO broadcasts (id, tenant, created_at, total, first_message, last_message, name, "
                        "body, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"};

inline constexpr Statement kInsertCounts{"insert_counts", "INSERT INTO broadcast_counts (broadcast_id) VALUES (?1)"};

// The row names the range of messages that has been written so far. A crash after any piece leaves
// it behind, and by it the next opening finds what to delete.
inline constexpr Statement kBeginCreating{
    "begin_creating", "INSERT INTO creating (broadcast_id, first_message, last_message) VALUES (?1, ?2, ?3)"};

inline constexpr Statement kGoOnCreating{
    "go_on_creating", "UPDATE creating SET last_message = ?3 WHERE broadcast_id = ?1 AND first_message = ?2"};

inline constexpr Statement kEndCreating{"end_creating",
                                        "DELETE FROM creating WHERE broadcast_id = ?1 AND first_message = ?2"};

inline constexpr Statement kFindCreating{
    "find_creating", "SELECT last_message FROM creating WHERE broadcast_id = ?1 AND first_message = ?2"};

inline constexpr Statement kAllCreating{"all_creating", "SELECT broadcast_id, first_message FROM creating"};

// ?1 is the broadcast, ?2 and ?3 its range, ?4 how many.
inline constexpr Statement kClearMessages{
    "clear_messages", "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE id >= ?2 AND id <= ?3 "
                      "AND broadcast_id = ?1 ORDER BY id LIMIT ?4)"};

inline constexpr Statement kClearTickets{"clear_tickets",
                                         "DELETE FROM outbox WHERE broadcast_id = ?1 AND id IN "
                                         "(SELECT id FROM outbox WHERE broadcast_id = ?1 ORDER BY id LIMIT ?2)"};

} // namespace smsbcast::adapters::sqlite::sql
