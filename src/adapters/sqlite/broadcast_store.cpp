#include "broadcast_intake.hpp"
#include "broadcast_reads.hpp"
#include "broadcast_statements.hpp"
#include "calls.hpp"
#include "query.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

Result<BroadcastStatus> apply_command(Transaction& transaction, std::string_view tenant, BroadcastId id,
                                      BroadcastCommand command) {
    BroadcastStatus now{};
    {
        // The query ends in this block, since a statement that is not reset keeps the read open
        // while the row is changed. No guard on the old status is needed: there is one writer.
        Query row(transaction.db, sql::kBroadcastStatus, tenant, id);
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

    std::unique_ptr<BroadcastIntake> intake(BroadcastId id, int ticket_size, Deadline deadline) override {
        return make_broadcast_intake(calls_, id, ticket_size, deadline);
    }

    Awaitable<Result<Broadcast>> get(std::string tenant, BroadcastId id, Deadline deadline) override {
        return calls_.read([tenant = std::move(tenant),
                            id](Transaction& transaction) { return read_broadcast(transaction, tenant, id); },
                           deadline);
    }
    Awaitable<Result<std::vector<Broadcast>>> list(std::string tenant, std::optional<BroadcastId> before, int limit,
                                                   Deadline deadline) override {
        return calls_.read(
            [tenant = std::move(tenant), before, limit](Transaction& transaction) -> Result<std::vector<Broadcast>> {
                return read_broadcasts(transaction, tenant, before, limit);
            },
            deadline);
    }
    Awaitable<Result<std::vector<Message>>> messages(MessageQuery query, Deadline deadline) override {
        return calls_.read(
            [query = std::move(query)](Transaction& transaction) { return read_messages(transaction, query); },
            deadline);
    }
    Awaitable<Result<MessageWithAttempts>> message(std::string tenant, MessageId id, Deadline deadline) override {
        return calls_.read([tenant = std::move(tenant),
                            id](Transaction& transaction) { return read_message(transaction, tenant, id); },
                           deadline);
    }
    Awaitable<Result<BroadcastStatus>> command(std::string tenant, BroadcastId id, BroadcastCommand command,
                                               Deadline deadline) override {
        return calls_.write([tenant = std::move(tenant), id, command](
                                Transaction& transaction) { return apply_command(transaction, tenant, id, command); },
                            deadline);
    }
    Awaitable<Result<void>> ping(Deadline deadline) override { return sqlite::ping(calls_, deadline); }

private:
    Calls calls_;
};

} // namespace

std::unique_ptr<BroadcastStore> make_broadcast_store(boost::asio::io_context& shard,
                                                     std::shared_ptr<Database> database) {
    return std::make_unique<SqliteBroadcastStore>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
