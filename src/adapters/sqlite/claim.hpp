#pragma once

#include "job.hpp"

#include "smsbcast/ports/outbox.hpp"

namespace smsbcast::adapters::sqlite {

/// How many running broadcasts take part in one claim at most; chosen at random among more.
inline constexpr std::size_t kMaxTurns = 200;

OutboxLoad read_load(Transaction& transaction);
std::vector<ClaimedTicket> claim_tickets(Transaction& transaction, int max_messages, std::int64_t lease);
void mark_tickets_queued(Transaction& transaction, const std::vector<TicketRef>& tickets);
void release_tickets(Transaction& transaction, const std::vector<TicketRef>& tickets);

} // namespace smsbcast::adapters::sqlite
