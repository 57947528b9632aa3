#pragma once

#include "job.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/domain/ticket_plan.hpp"
#include "smsbcast/ports/broadcast_intake.hpp"

#include <utility>
#include <vector>

namespace smsbcast::adapters::sqlite {

/// A broadcast on its way into the store, one piece per transaction, so that a broadcast of
/// millions neither holds up the writer nor fills its log. Until the last piece has written the
/// broadcast itself, nothing leads to its messages and tickets.
class Creation {
public:
    Creation(BroadcastId id, int ticket_size)
        : id_(id), plan_(ticket_size), first_message_(plan_.first_message().value) {}

    /// A piece behind which others come. Errors: conflict: another creation writes the id; after a
    /// failure it must not go on. An id that is taken shows at the end.
    Result<void> write_piece(Transaction& transaction, const std::vector<PhoneNumber>& recipients);

    /// The last piece, and the broadcast. Errors: as above.
    Result<IntakeOutcome> finish(Transaction& transaction, const std::vector<PhoneNumber>& recipients,
                                 const BroadcastContent& content);

    BroadcastId id() const { return id_; }
    const Uuid& first_message() const { return first_message_; }

private:
    Result<void> look_for_others(Connection& db);
    void write_messages(Transaction& transaction, const std::vector<PhoneNumber>& recipients);
    void write_broadcast(Transaction& transaction, const BroadcastContent& content);
    void note_range(Connection& db, bool is_first);

    const BroadcastId id_;
    TicketPlan plan_;
    const Uuid first_message_;
    bool done_before_ = false;
};

/// Deletes a bounded part of what a creation that ended before its last piece has written, and its
/// row in `creating` when nothing else is left of it.
void clear_piece(Transaction& transaction, BroadcastId broadcast, const Uuid& first_message);

/// The creations that `creating` names, with the first message of each.
std::vector<std::pair<BroadcastId, Uuid>> all_creating(Connection& db);

/// Deletes all of them, before anybody else works on the file.
void clear_leftovers(Connection& db);

} // namespace smsbcast::adapters::sqlite
