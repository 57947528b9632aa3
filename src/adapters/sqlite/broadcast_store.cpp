#include "broadcast_reads.hpp"
#include "broadcast_statements.hpp"
#include "calls.hpp"
#include "creation.hpp"
#include "query.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

/// One creation under way. Has what was written cleared, unless it was all or nothing: whatever ends the call in
/// between, its coroutine's own end included.
class Unfinished {
public:
    Unfinished(std::shared_ptr<Database> database, const Uuid& first_message)
        : database_(std::move(database)), first_message_(first_message) {
        database_->creations()->enter(first_message_);
    }
    ~Unfinished() {
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

// Piece after piece; between two of them the writer serves the others. Only the last one can leave it uncertain whether
// the broadcast is there: before it, what was written is cleared. One that is the only one writes all or nothing.
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
        unfinished.may_leave(pieces > 1);
        auto writing = calls_.write(std::move(piece), deadline);
        const Result<void> written = co_await std::move(writing);
        if (!written && written.error() != Errc::uncertain)
            unfinished.may_leave(left < pieces);
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
