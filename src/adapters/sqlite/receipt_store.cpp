#include "calls.hpp"
#include "receipts.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

// Receipts come in from POST /dlr. The 204 waits for the answer of the writer's thread, which comes
// after the commit.
class SqliteReceiptStore final : public ReceiptStore {
public:
    SqliteReceiptStore(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Result<std::vector<ReceiptOutcome>>> apply(std::vector<Receipt> receipts, Deadline deadline) override {
        std::vector<InboxReceipt> batch;
        batch.reserve(receipts.size());
        for (auto& receipt : receipts)
            batch.push_back({std::move(receipt), std::nullopt});
        auto work = [batch = std::move(batch)](Transaction& transaction) -> Result<AppliedReceipts> {
            return apply_receipts(transaction, batch);
        };
        // The awaitable is a variable of its own: g++ 12 mishandles temporaries with captures
        // inside of a co_await.
        auto applying = calls_.write(std::move(work), deadline);
        auto applied = co_await std::move(applying);
        if (!applied)
            co_return applied.error();
        // The lines are written here, on the shard and after the commit, and not by a job that may
        // be undone.
        log_applied(*applied);
        co_return std::move(applied->outcomes);
    }

    Awaitable<Result<void>> keep(std::vector<Receipt> receipts, Deadline deadline) override {
        return calls_.write(
            [receipts = std::move(receipts)](Transaction& transaction) -> Result<void> {
                for (const auto& receipt : receipts)
                    keep_receipt(transaction, receipt);
                return {};
            },
            deadline);
    }

    Awaitable<Result<void>> ping(Deadline deadline) override { return sqlite::ping(calls_, deadline); }

private:
    Calls calls_;
};

} // namespace

std::unique_ptr<ReceiptStore> make_receipt_store(boost::asio::io_context& shard, std::shared_ptr<Database> database) {
    return std::make_unique<SqliteReceiptStore>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
