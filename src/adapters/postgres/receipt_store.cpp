#include "database.hpp"
#include "receipt_rows.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

std::vector<InboxReceipt> new_receipts(std::vector<Receipt> receipts) {
    std::vector<InboxReceipt> batch;
    batch.reserve(receipts.size());
    for (auto& receipt : receipts)
        batch.push_back({std::move(receipt), std::nullopt});
    return batch;
}

// The last station of a message: receipts come in from the use case behind POST /dlr, which answers
// 204 only when a call here returned a value. Providers never repeat a receipt that was
// acknowledged, so the commit must come first.
class PgReceiptStore final : public ReceiptStore {
public:
    explicit PgReceiptStore(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    Awaitable<Result<std::vector<ReceiptOutcome>>> apply(std::vector<Receipt> receipts, Deadline deadline) override {
        return apply_batch(database_, new_receipts(std::move(receipts)), deadline);
    }

    Awaitable<Result<void>> keep(std::vector<Receipt> receipts, Deadline deadline) override {
        // The use case calls this for a receipt that apply() refused: one that cannot be applied is
        // still evidence, and the sweeper tries it again.
        Transaction transaction = keep_transaction(new_receipts(std::move(receipts)));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    }

    Awaitable<Result<void>> ping(Deadline deadline) override { return database_->ping(deadline); }

private:
    std::shared_ptr<Database> database_;
};

} // namespace

std::unique_ptr<ReceiptStore> make_receipt_store(std::shared_ptr<Database> database) {
    return std::make_unique<PgReceiptStore>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
