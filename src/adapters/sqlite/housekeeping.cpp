#include "calls.hpp"
#include "receipts.hpp"
#include "sweeps.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/base/set_aside.hpp"

#include <algorithm>
#include <functional>

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;
using std::chrono::milliseconds;

namespace {

// Twenty rounds of 500 look past ten thousand receipts that nobody knows; each round postpones
// those that it tried.
constexpr int kMaxInboxRounds = 20;

using Count = Result<std::int64_t>;

struct Matched {
    AppliedReceipts applied;
    std::vector<std::optional<MessageId>> refused;
};

// The sweeper of `all` calls these on its shard; each call becomes a job of the writer's thread.
// There is one process per file, so no replica has to be kept apart from another one.
class SqliteHousekeeping final : public Housekeeping {
public:
    SqliteHousekeeping(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Count> expire_leases(milliseconds resolve_within, Deadline deadline) override {
        return sweep(
            [resolve_within](Transaction& transaction, const SweepWay& way) {
                return sqlite::expire_leases(transaction, way, resolve_within.count());
            },
            deadline);
    }

    Awaitable<Count> requeue_lost(milliseconds after, Loss loss, Deadline deadline) override {
        return sweep(
            [after, loss](Transaction& transaction, const SweepWay& way) {
                return sqlite::requeue_lost(transaction, way, after.count(), loss);
            },
            deadline);
    }

    // A receipt that nobody knows must not stand in the way of those behind it, so the call looks
    // on until some match, within bounds, and lets others write between two rounds.
    Awaitable<Count> match_inbox(Deadline deadline) override {
        bool one_by_one = false;
        for (int round = 0; round < kMaxInboxRounds; ++round) {
            auto work = [one_by_one](Transaction& transaction) -> Result<Matched> {
                const auto due = due_receipts(transaction);
                Matched matched;
                matched.applied =
                    one_by_one ? apply_one_by_one(transaction, due, matched.refused) : apply_receipts(transaction, due);
                return matched;
            };
            auto matching = calls_.write(std::move(work), deadline);
            const auto done = co_await std::move(matching);
            // One row that SQLite refuses fails the whole round. The next attempt takes each
            // receipt in a savepoint of its own, which is slower and therefore not the rule.
            if (!done && done.error() == Errc::refused && !one_by_one) {
                one_by_one = true;
                continue;
            }
            if (!done)
                co_return done.error();
            for (const auto& message : done->refused)
                log::error("receipt_put_aside",
                           {{"message_id", message ? to_string(*message) : "none"}, {"kept", true}});
            log_applied(done->applied);
            const auto& outcomes = done->applied.outcomes;
            const auto found =
                std::ranges::count_if(outcomes, [](ReceiptOutcome outcome) { return outcome != ReceiptOutcome::kept; });
            if (found > 0 || outcomes.empty())
                co_return found;
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
        return sweep(
            [resolve_within](Transaction& transaction, const SweepWay& way) {
                return sqlite::finish_cancels(transaction, way, resolve_within.count());
            },
            deadline);
    }

    Awaitable<Count> expire_broadcasts(milliseconds resolve_within, Deadline deadline) override {
        return sweep(
            [resolve_within](Transaction& transaction, const SweepWay& way) {
                return sqlite::expire_broadcasts(transaction, way, resolve_within.count());
            },
            deadline);
    }

    Awaitable<Count> end_unresolved(Deadline deadline) override { return sweep(sqlite::end_unresolved, deadline); }

    Awaitable<Count> complete(Deadline deadline) override { return sweep(complete_broadcasts, deadline); }

    Awaitable<Result<ReceiptSigns>> receipt_signs(Deadline deadline) override {
        return calls_.read(
            [](Transaction& transaction) -> Result<ReceiptSigns> { return sqlite::receipt_signs(transaction); },
            deadline);
    }

private:
    using Work = std::function<Swept(Transaction&, const SweepWay&)>;

    // The sweep runs in one go, and row by row where SQLite refuses one of them.
    Awaitable<Count> sweep(Work work, Deadline deadline) {
        SweepWay way;
        for (const auto& id : set_aside_.ids(Deadline::Clock::now()))
            way.set_aside.insert(id);
        auto swept = co_await once(work, way, deadline);
        if (!swept && swept.error() == Errc::refused) {
            way.one_by_one = true;
            swept = co_await once(work, way, deadline);
        }
        if (!swept)
            co_return swept.error();
        // These are remembered only after the commit: a sweep whose transaction failed has proved
        // nothing about its rows.
        for (const auto& [name, id] : swept->refused) {
            set_aside_.add(id, Deadline::Clock::now());
            log::error("row_put_aside", {{name, id}});
        }
        for (const auto& broadcast : swept->completed)
            log::info("broadcast_completed", {{"broadcast_id", broadcast.id}, {"total", broadcast.total}});
        co_return swept->moved;
    }

    Awaitable<Result<Swept>> once(const Work& work, const SweepWay& way, Deadline deadline) {
        return calls_.write([work, way](Transaction& transaction) -> Result<Swept> { return work(transaction, way); },
                            deadline);
    }

    Calls calls_;
    SetAside set_aside_;
};

} // namespace

std::unique_ptr<Housekeeping> make_housekeeping(boost::asio::io_context& shard, std::shared_ptr<Database> database) {
    return std::make_unique<SqliteHousekeeping>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
