#pragma once

#include "job.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/ticket_plan.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <utility>
#include <vector>

namespace smsbcast::adapters::sqlite {

/// A broadcast on its way into the store, one piece per transaction, so that a broadcast of
/// millions neither holds up the writer nor fills its log. Until the last piece has written the
/// broadcast itself, nothing leads to its messages and tickets.
class Creation {
public:
    explicit Creation(NewBroadcast broadcast)
        : broadcast_(std::move(broadcast)), plan_(broadcast_.recipients.size(), broadcast_.ticket_size),
          first_message_(plan_.first_message().value) {}

    /// How many transactions it takes.
    std::size_t pieces() const;

    /// The next piece. Errors: internal: the id is taken. After a failure it must not go on.
    Result<void> write_piece(Transaction& transaction);

    BroadcastId id() const { return broadcast_.id; }
    const Uuid& first_message() const { return first_message_; }

private:
    void write_tickets(Transaction& transaction);
    void write_ticket(Transaction& transaction, PlannedTicket ticket);
    void write_broadcast(Transaction& transaction);

    NewBroadcast broadcast_;
    TicketPlan plan_;
    const Uuid first_message_;
    Uuid last_message_;
    std::size_t written_ = 0;
};

/// Deletes a bounded part of what a creation that ended before its last piece has written, and its
/// row in `creating` when nothing else is left of it.
void clear_piece(Transaction& transaction, BroadcastId broadcast, const Uuid& first_message);

/// The creations that `creating` names, with the first message of each.
std::vector<std::pair<BroadcastId, Uuid>> all_creating(Connection& db);

/// Deletes all of them, before anybody else works on the file.
void clear_leftovers(Connection& db);

} // namespace smsbcast::adapters::sqlite
