#pragma once

#include "job.hpp"

#include "smsbcast/base/result.hpp"
#include "smsbcast/ports/broadcast_store.hpp"

#include <memory>

namespace smsbcast::adapters::sqlite {

/// A broadcast on its way into the store, a piece a transaction, so that one of millions neither holds up the writer
/// nor fills its log. Until the last piece wrote the broadcast itself, nothing leads to its messages and tickets.
class Creation {
public:
    explicit Creation(NewBroadcast broadcast)
        : broadcast_(std::move(broadcast)), first_message_(UuidBlock(message_ids_).next()) {}

    /// How many transactions it takes.
    std::size_t pieces() const;

    /// The next piece. Errors: internal: the id is taken. After a failure it must not go on.
    Result<void> write_piece(Transaction& transaction);

    BroadcastId id() const { return broadcast_.id; }
    const Uuid& first_message() const { return first_message_; }

private:
    void write_tickets(Transaction& transaction);
    void write_ticket(Transaction& transaction, std::size_t size);
    void write_broadcast(Transaction& transaction);

    NewBroadcast broadcast_;
    UuidBlock message_ids_, ticket_ids_;
    const Uuid first_message_;
    Uuid last_message_;
    std::size_t written_ = 0;
};

/// Deletes what was written of a creation that ended before its last piece, a piece a transaction. Does nothing where
/// it did not.
class ClearCreation final : public Job {
public:
    ClearCreation(BroadcastId broadcast, const Uuid& first_message)
        : Job(Deadline(Deadline::Clock::time_point::max())), broadcast_(broadcast), first_message_(first_message) {}

    void run(Transaction& transaction) override;
    void answer(std::optional<Errc>) override {}
    bool has_more() const override { return has_more_; }
    bool must_not_be_lost() const override { return true; }

private:
    BroadcastId broadcast_;
    Uuid first_message_;
    bool has_more_ = false;
};

/// All that `creating` names, before anybody else works on the file.
void clear_leftovers(Connection& db);

} // namespace smsbcast::adapters::sqlite
