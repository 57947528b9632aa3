#pragma once

#include "job.hpp"

#include "smsbcast/ports/ticket_store.hpp"

namespace smsbcast::adapters::sqlite {

/// TicketStore::record. `results` in order of message and attempt.
void record_results(Transaction& transaction, const std::vector<MessageResult>& results, std::int64_t resolve_within);

/// The order that record_results() wants.
void sort_results(std::vector<MessageResult>& results);

} // namespace smsbcast::adapters::sqlite
