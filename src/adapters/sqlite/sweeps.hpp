#pragma once

#include "job.hpp"

#include "smsbcast/ports/housekeeping.hpp"

#include <unordered_set>
#include <vector>

namespace smsbcast::adapters::sqlite {

/// How a sweep goes about its rows.
struct SweepWay {
    std::unordered_set<Uuid> set_aside; ///< it leaves these alone
    /// Each row has a savepoint of its own: a row that SQLite refuses to change is reported, and
    /// the others are changed. Without it such a row fails the whole sweep.
    bool one_by_one = false;
};

struct Swept {
    struct Refused {
        const char* name; ///< of the id, in the log
        Uuid id;
    };
    struct Completed {
        BroadcastId id;
        std::int64_t total = 0;
    };

    std::int64_t moved = 0;
    std::vector<Refused> refused;
    std::vector<Completed> completed;
};

// These functions are what Housekeeping does, but for the inbox (receipts.hpp). Times are in
// milliseconds.

Swept expire_leases(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within);
Swept requeue_lost(Transaction& transaction, const SweepWay& way, std::int64_t after, Loss loss);
Swept finish_cancels(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within);
Swept expire_broadcasts(Transaction& transaction, const SweepWay& way, std::int64_t resolve_within);
Swept end_unresolved(Transaction& transaction, const SweepWay& way);
Swept complete_broadcasts(Transaction& transaction, const SweepWay& way);

std::int64_t purge_inbox(Transaction& transaction, std::int64_t retention);

ReceiptSigns receipt_signs(Transaction& transaction);

} // namespace smsbcast::adapters::sqlite
