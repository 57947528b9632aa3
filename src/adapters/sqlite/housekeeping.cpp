#include "calls.hpp"
#include "receipts.hpp"
#include "sweeps.hpp"

#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;
using std::chrono::milliseconds;

namespace {

constexpr int kMostInboxRounds = 20;

using Count = Result<std::int64_t>;

class SqliteHousekeeping final : public Housekeeping {
public:
    SqliteHousekeeping(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Count> expire_leases(milliseconds resolve_within, Deadline deadline) override {
        return calls_.write(
            [resolve_within](Transaction& transaction) -> Count {
                return sqlite::expire_leases(transaction, resolve_within.count());
            },
            deadline);
    }

    Awaitable<Count> requeue_lost(milliseconds after, Loss loss, Deadline deadline) override {
        return calls_.write(
            [after, loss](Transaction& transaction) -> Count {
                return sqlite::requeue_lost(transaction, after.count(), loss);
            },
            deadline);
    }

    // A receipt that nobody knows must not stand in the way of those behind it: it looks on until some match, within
    // bounds, and lets others write between two rounds.
    Awaitable<Count> match_inbox(Deadline deadline) override {
        for (int round = 0; round < kMostInboxRounds; ++round) {
            auto work = [](Transaction& transaction) -> Result<AppliedReceipts> {
                return apply_receipts(transaction, due_receipts(transaction));
            };
            auto matching = calls_.write(std::move(work), deadline);
            const auto applied = co_await std::move(matching);
            if (!applied)
                co_return applied.error();
            tell(*applied);
            const auto matched =
                std::ranges::count_if(applied->fates, [](ReceiptFate fate) { return fate != ReceiptFate::kept; });
            if (matched > 0 || applied->fates.empty())
                co_return matched;
        }
        co_return 0;
    }

    Awaitable<Count> purge_inbox(milliseconds retention, Deadline deadline) override {
        return calls_.write(
            [retention](Transaction& transaction) -> Count {
                return sqlite::purge_inbox(transaction, retention.count());
            },
            deadline);
    }

    Awaitable<Count> finish_cancels(milliseconds resolve_within, Deadline deadline) override {
        return calls_.write(
            [resolve_within](Transaction& transaction) -> Count {
                return sqlite::finish_cancels(transaction, resolve_within.count());
            },
            deadline);
    }

    Awaitable<Count> expire_broadcasts(milliseconds resolve_within, Deadline deadline) override {
        return calls_.write(
            [resolve_within](Transaction& transaction) -> Count {
                return sqlite::expire_broadcasts(transaction, resolve_within.count());
            },
            deadline);
    }

    Awaitable<Count> fail_unresolved(Deadline deadline) override {
        return calls_.write([](Transaction& transaction) -> Count { return sqlite::fail_unresolved(transaction); },
                            deadline);
    }

    Awaitable<Count> complete(Deadline deadline) override {
        auto work = [](Transaction& transaction) -> Result<std::vector<CompletedBroadcast>> {
            return complete_broadcasts(transaction);
        };
        auto completing = calls_.write(std::move(work), deadline);
        const auto completed = co_await std::move(completing);
        if (!completed)
            co_return completed.error();
        for (const auto& broadcast : *completed)
            log::info("broadcast_completed", {{"broadcast_id", broadcast.id}, {"total", broadcast.total}});
        co_return static_cast<std::int64_t>(completed->size());
    }

private:
    Calls calls_;
};

} // namespace

std::unique_ptr<Housekeeping> make_housekeeping(boost::asio::io_context& shard, std::shared_ptr<Database> database) {
    return std::make_unique<SqliteHousekeeping>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
