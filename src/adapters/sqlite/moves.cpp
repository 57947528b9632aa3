#include "moves.hpp"

namespace smsbcast::adapters::sqlite {

namespace {

constexpr Statement kCount{"count", "UPDATE broadcast_counts SET sent = sent + ?2, unknown = unknown + ?3, "
                                    "delivered = delivered + ?4, failed = failed + ?5, canceled = canceled + ?6, "
                                    "expired = expired + ?7, suppressed = suppressed + ?8 WHERE broadcast_id = ?1"};

constexpr Statement kEndTicket{"end_ticket",
                               "DELETE FROM outbox WHERE broadcast_id = ?1 AND id = ?2 AND size - done <= ?3"};

constexpr Statement kCountDone{"count_done", "UPDATE outbox SET done = done + ?3 WHERE broadcast_id = ?1 AND id = ?2"};

} // namespace

void Moves::count(BroadcastId broadcast, MessageStatus from, MessageStatus to) {
    auto& counts = counts_[broadcast];
    // A move out of `pending` makes that count negative here; it is never written, since it follows
    // from the tickets.
    --counts[from];
    ++counts[to];
}

void Moves::write(Connection& db) {
    using enum MessageStatus;
    for (const auto& [key, count] : left_) {
        const auto& [broadcast, ticket] = key;
        // A ticket that ends here is deleted and not updated first; only where it goes on is its
        // `done` counted.
        if (db.run(kEndTicket, broadcast, ticket, count) == 0)
            db.run(kCountDone, broadcast, ticket, count);
    }
    for (const auto& [broadcast, counts] : counts_)
        db.run(kCount, broadcast, counts[sent], counts[unknown], counts[delivered], counts[failed], counts[canceled],
               counts[expired], counts[suppressed]);
}

} // namespace smsbcast::adapters::sqlite
