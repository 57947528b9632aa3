#include "broadcast_reads.hpp"
#include "broadcast_statements.hpp"
#include "calls.hpp"
#include "creation.hpp"
#include "query.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

/// Clears what was written, unless it was all: whatever ends the call in between, its coroutine's own end included.
class Unfinished {
public:
    Unfinished(std::shared_ptr<Database> database, std::shared_ptr<const Creation> creation)
        : database_(std::move(database)), creation_(std::move(creation)) {}
    ~Unfinished() {
        if (creation_)
            database_->writes().push_always(
                std::make_shared<ClearCreation>(creation_->id(), creation_->first_message()));
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;

    void finished() { creation_ = nullptr; }

private:
    std::shared_ptr<Database> database_;
    std::shared_ptr<const Creation> creation_;
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
// the broadcast is there: before it, what was written is cleared.
Awaitable<Result<void>> SqliteBroadcastStore::create(NewBroadcast broadcast, Deadline deadline) {
    const auto creation = std::make_shared<Creation>(std::move(broadcast));
    Unfinished unfinished(calls_.database(), creation);
    for (auto left = creation->pieces(); left > 0; --left) {
        auto piece = [creation](Transaction& transaction) { return creation->write_piece(transaction); };
        auto writing = calls_.write(std::move(piece), deadline);
        const Result<void> written = co_await std::move(writing);
        if (!written && written.error() == Errc::uncertain && left > 1)
            co_return deadline.passed() ? Errc::timeout : Errc::unavailable;
        if (!written)
            co_return written;
    }
    unfinished.finished();
    co_return Result<void>();
}

} // namespace

std::unique_ptr<BroadcastStore> make_broadcast_store(boost::asio::io_context& shard,
                                                     std::shared_ptr<Database> database) {
    return std::make_unique<SqliteBroadcastStore>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
