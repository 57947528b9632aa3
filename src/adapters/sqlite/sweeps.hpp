#pragma once

#include "job.hpp"

#include "smsbcast/ports/housekeeping.hpp"

#include <vector>

namespace smsbcast::adapters::sqlite {

// What Housekeeping does, but for the inbox (receipts.hpp). Each gives how many it moved; times in milliseconds.

std::int64_t expire_leases(Transaction& transaction, std::int64_t resolve_within);
std::int64_t requeue_lost(Transaction& transaction, std::int64_t after, Loss loss);
std::int64_t purge_inbox(Transaction& transaction, std::int64_t retention);
std::int64_t finish_cancels(Transaction& transaction, std::int64_t resolve_within);
std::int64_t expire_broadcasts(Transaction& transaction, std::int64_t resolve_within);
std::int64_t fail_unresolved(Transaction& transaction);

struct CompletedBroadcast {
    BroadcastId id;
    std::int64_t total = 0;
};
std::vector<CompletedBroadcast> complete_broadcasts(Transaction& transaction);

} // namespace smsbcast::adapters::sqlite
