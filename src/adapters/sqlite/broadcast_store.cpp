#include "broadcast_reads.hpp"
#include "broadcast_statements.hpp"
#include "calls.hpp"
#include "creation.hpp"
#include "query.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

/// One creation under way. Unless the call wrote all or nothing, the destructor has what was
/// written cleared, whatever ended the call: an error, the deadline, or the end of its coroutine.
class Unfinished {
public:
    Unfinished(std::shared_ptr<Database> database, const Uuid& first_message)
        : database_(std::move(database)), first_message_(first_message) {
        database_->creations()->enter(first_message_);
    }
    ~Unfinished() {
        // The clearing job is queued without a limit: a full queue must not be the reason why half
        // of a broadcast stays in the file.
        if (database_->creations()->leave(first_message_, may_leave_))
            database_->writes().push_always(database_->creations());
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    void may_leave(bool something) { may_leave_ = something; }

private:
    std::shared_ptr<Database> database_;
    const Uuid first_message_;
    bool may_leave_ = false;
};

Result<BroadcastStatus> apply_command(Transaction& transaction, BroadcastId id, BroadcastCommand command) {
    BroadcastStatus now{};
    {
        // The query ends in this block, since a statement that is not reset keeps the read open
        // while the row is changed. No guard on the old status is needed: there is one writer.
        Query row(transaction.db, sql::kBroadcastStatus, id);
        if (!row.next())
            return Errc::not_found;
        now = static_cast<BroadcastStatus>(row.small(0));
    }
    const auto next = after(now, command);
    if (!next)
        return Errc::conflict;
    if (*next != now) {
        transaction.db.run(sql::kSetBroadcastStatus, id, static_cast<int>(*next));
        // The writer wakes the relay after the commit.
        transaction.made_due = command != BroadcastCommand::pause;
    }
    return *next;
}

class SqliteBroadcastStore final : public BroadcastStore {
public:
    SqliteBroadcastStore(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Result<void>> create(NewBroadcast broadcast, Deadline deadline) override;

    Awaitable<Result<Broadcast>> get(BroadcastId id, Deadline deadline) override {
        return calls_.read([id](Transaction& transaction) { return read_broadcast(transaction, id); }, deadline);
    }
    Awaitable<Result<std::vector<Broadcast>>> list(std::optional<BroadcastId> before, int limit,
                                                   Deadline deadline) override {
        return calls_.read(
            [before, limit](Transaction& transaction) -> Result<std::vector<Broadcast>> {
                return read_broadcasts(transaction, before, limit);
            },
            deadline);
    }
    Awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline deadline) override {
        return calls_.read([query](Transaction& transaction) { return read_messages(transaction, query); }, deadline);
    }
    Awaitable<Result<MessageWithAttempts>> message(MessageId id, Deadline deadline) override {
        return calls_.read([id](Transaction& transaction) { return read_message(transaction, id); }, deadline);
    }
    Awaitable<Result<BroadcastStatus>> command(BroadcastId id, BroadcastCommand command, Deadline deadline) override {
        return calls_.write([id, command](Transaction& transaction) { return apply_command(transaction, id, command); },
                            deadline);
    }
    Awaitable<Result<void>> ping(Deadline deadline) override { return sqlite::ping(calls_, deadline); }

private:
    Calls calls_;
};

// The broadcast is written piece after piece; between two of them the writer serves others. Only
// the last piece can leave it uncertain whether the broadcast is there: before it, nothing leads to
// what was written, and it is cleared. A broadcast of one piece is written in one transaction, all
// or nothing.
Awaitable<Result<void>> SqliteBroadcastStore::create(NewBroadcast broadcast, Deadline deadline) {
    const auto creation = std::make_shared<Creation>(std::move(broadcast));
    const auto creations = calls_.database()->creations();
    Unfinished unfinished(calls_.database(), creation->first_message());
    const auto pieces = creation->pieces();
    for (auto left = pieces; left > 0; --left) {
        if (creations->abandoned())
            co_return Errc::unavailable;
        auto piece = [creation, creations](Transaction& transaction) -> Result<void> {
            if (!creations->is_under_way(creation->first_message()))
                return Errc::unavailable; // to nobody
            return creation->write_piece(transaction);
        };
        // This is set before the wait, since the coroutine may be destroyed in it while the piece
        // is being written.
        unfinished.may_leave(pieces > 1);
        auto writing = calls_.write(std::move(piece), deadline);
        const Result<void> written = co_await std::move(writing);
        // The piece that failed is known to have written nothing; only those before it did.
        if (!written && written.error() != Errc::uncertain)
            unfinished.may_leave(left < pieces);
        // A piece that may or may not be there is no doubt for the caller, as long as the row of
        // the broadcast was not part of it.
        if (!written && written.error() == Errc::uncertain && left > 1)
            co_return deadline.passed() ? Errc::timeout : Errc::unavailable;
        if (!written)
            co_return written;
    }
    unfinished.may_leave(false);
    co_return Result<void>();
}

} // namespace

std::unique_ptr<BroadcastStore> make_broadcast_store(boost::asio::io_context& shard,
                                                     std::shared_ptr<Database> database) {
    return std::make_unique<SqliteBroadcastStore>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
