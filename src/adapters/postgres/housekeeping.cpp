#include "database.hpp"
#include "housekeeping_statements.hpp"
#include "lock_statements.hpp"
#include "receipt_rows.hpp"
#include "receipt_statements.hpp"

#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;
using std::chrono::milliseconds;

namespace {

constexpr int kMostInboxRounds = 20;

std::vector<InboxReceipt> inbox_receipts(const Rows& found) {
    std::vector<InboxReceipt> batch;
    for (int row = 0; row < found.size(); ++row) {
        const auto message = found.maybe_uuid(row, 1);
        batch.push_back({Receipt{message ? std::optional(MessageId{*message}) : std::nullopt,
                                 std::string(found.text(row, 2)), found.boolean(row, 3), found.maybe_text(row, 4)},
                         found.bigint(row, 0)});
    }
    return batch;
}

class PgHousekeeping final : public Housekeeping {
public:
    explicit PgHousekeeping(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    Awaitable<Result<std::int64_t>> expire_leases(milliseconds resolve_within, Deadline deadline) override {
        const auto again = co_await affected(&sql::kExpireLeases, Params(), deadline);
        if (!again)
            co_return again.error();
        const auto lost =
            co_await empty(&sql::kBegunAndExpired, {&sql::kExpireBegun, std::nullopt}, resolve_within, deadline);
        co_return lost ? Result<std::int64_t>(*again + *lost) : lost;
    }

    Awaitable<Result<std::int64_t>> requeue_lost(milliseconds after, Loss loss, Deadline deadline) override {
        auto params = Params().bigint(after.count()).boolean(loss == Loss::suspected);
        return affected(&sql::kRequeueLost, std::move(params), deadline);
    }

    // A receipt that nobody knows must not stand in the way of those behind it: it looks on until some match, within
    // bounds. Without a lock between reading and applying: two sweepers that try the same receipt do it no harm, since
    // messages only move forward.
    Awaitable<Result<std::int64_t>> match_inbox(Deadline deadline) override {
        for (int round = 0; round < kMostInboxRounds; ++round) {
            Unit due = single(sql::kInboxDue, Params());
            const auto rows = co_await database_->read(std::move(due), deadline);
            if (!rows)
                co_return rows.error();
            auto batch = inbox_receipts(rows->front());
            const auto fates = co_await apply_batch(database_, std::move(batch), deadline);
            if (!fates)
                co_return fates.error();
            const auto matched = std::ranges::count_if(*fates, [](auto fate) { return fate != ReceiptFate::kept; });
            if (matched > 0 || fates->empty())
                co_return matched;
        }
        co_return 0;
    }

    Awaitable<Result<std::int64_t>> purge_inbox(milliseconds retention, Deadline deadline) override {
        return affected(&sql::kPurgeInbox, Params().bigint(retention.count()), deadline);
    }

    Awaitable<Result<std::int64_t>> finish_cancels(milliseconds resolve_within, Deadline deadline) override {
        const auto emptied =
            co_await empty(&sql::kCancelable, {&sql::kEndTickets, MessageStatus::canceled}, resolve_within, deadline);
        if (!emptied)
            co_return emptied;
        const auto finished = co_await affected(&sql::kFinishCanceled, Params(), deadline);
        co_return finished ? Result<std::int64_t>(*emptied + *finished) : finished;
    }

    Awaitable<Result<std::int64_t>> expire_broadcasts(milliseconds resolve_within, Deadline deadline) override {
        return empty(&sql::kExpirable, {&sql::kEndTickets, MessageStatus::expired}, resolve_within, deadline);
    }

    Awaitable<Result<std::int64_t>> fail_unresolved(Deadline deadline) override {
        Unit unit = single(sql::kFailUnresolved, Params().integer(database_->writer()));
        const auto rows = co_await database_->run(std::move(unit), deadline);
        if (!rows)
            co_return rows.error();
        co_return rows->front().bigint(0, 0);
    }

    Awaitable<Result<std::int64_t>> complete(Deadline deadline) override {
        Unit unit = single(sql::kComplete, Params());
        const auto rows = co_await database_->run(std::move(unit), deadline);
        if (!rows)
            co_return rows.error();
        const auto& done = rows->front();
        for (int row = 0; row < done.size(); ++row)
            log::info("broadcast_completed", {{"broadcast_id", done.uuid(row, 0)}, {"total", done.bigint(row, 1)}});
        co_return done.size();
    }

private:
    Awaitable<Result<std::int64_t>> affected(const Statement* statement, Params params, Deadline deadline) {
        Unit unit = single(*statement, std::move(params));
        const auto rows = co_await database_->run(std::move(unit), deadline);
        if (!rows)
            co_return rows.error();
        co_return rows->front().affected();
    }

    struct Move {
        const Statement* statement;
        std::optional<MessageStatus> end; ///< its last parameter, if it has one
    };

    // Tickets are found without locks, and looked at again under them: messages come before tickets.
    Awaitable<Result<std::int64_t>> empty(const Statement* find, Move move, milliseconds resolve_within,
                                          Deadline deadline) {
        Unit looking = single(*find, Params());
        const auto found = co_await database_->read(std::move(looking), deadline);
        if (!found)
            co_return found.error();
        std::vector<Uuid> ids;
        for (int row = 0; row < found->front().size(); ++row)
            ids.push_back(found->front().uuid(row, 0));
        if (ids.empty())
            co_return 0;
        const auto itself = [](const Uuid& id) { return id; };
        Unit unit;
        unit.push_back({&sql::kLockTicketMessages, Params().uuids(ids, itself)});
        unit.push_back({&sql::kLockTickets, Params().uuids(ids, itself)});
        auto params = Params().uuids(ids, itself).bigint(resolve_within.count()).integer(database_->writer());
        if (move.end)
            params.text(to_string(*move.end));
        unit.push_back({move.statement, std::move(params)});
        const auto rows = co_await database_->run(std::move(unit), deadline);
        if (!rows)
            co_return rows.error();
        co_return rows->back().bigint(0, 0);
    }

    std::shared_ptr<Database> database_;
};

} // namespace

std::unique_ptr<Housekeeping> make_housekeeping(std::shared_ptr<Database> database) {
    return std::make_unique<PgHousekeeping>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
