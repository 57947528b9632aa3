#include "database.hpp"
#include "receipt_rows.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

class PgReceiptStore final : public ReceiptStore {
public:
    explicit PgReceiptStore(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    Awaitable<Result<std::vector<ReceiptFate>>> apply(std::vector<Receipt> receipts, Deadline deadline) override {
        std::vector<InboxReceipt> batch;
        for (auto& receipt : receipts)
            batch.push_back({std::move(receipt), std::nullopt});
        return apply_batch(database_, std::move(batch), deadline);
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
