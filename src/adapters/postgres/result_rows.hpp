#pragma once

#include "statement.hpp"

#include "smsbcast/ports/ticket_store.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace smsbcast::adapters::postgres {

/// A result, and the new ticket that its message goes into where it is to be retried.
struct ResultRow {
    MessageResult result;
    std::optional<Uuid> new_ticket;
};

/// In order of message. Messages to be retried are put into new tickets (RetryTickets).
/// Errors: none; it is pure but for the ids of new tickets.
std::vector<ResultRow> result_rows(std::vector<MessageResult> results);

/// The statements that record a batch: locks, then the results. A message that comes more than once, since its ticket
/// was lost and taken again meanwhile, has its results applied one after the other.
Transaction record_transaction(std::vector<MessageResult> results, std::int32_t writer,
                               std::chrono::milliseconds resolve_within);

} // namespace smsbcast::adapters::postgres
