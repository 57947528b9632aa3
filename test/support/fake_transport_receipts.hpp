#pragma once

#include "smsbcast/ports/receipt_store.hpp"

#include <vector>

namespace smsbcast::test {

/// Remembers what it was given, or fails.
class FakeTransportReceipts final : public ReceiptStore {
public:
    boost::asio::awaitable<Result<std::vector<ReceiptOutcome>>> apply(std::vector<Receipt> receipts,
                                                                      Deadline) override {
        if (fails)
            co_return *fails;
        const std::vector<ReceiptOutcome> outcomes(receipts.size(), ReceiptOutcome::applied);
        stored.insert(stored.end(), receipts.begin(), receipts.end());
        co_return outcomes;
    }
    boost::asio::awaitable<Result<void>> keep(std::vector<Receipt>, Deadline) override {
        co_return fails ? Result<void>(*fails) : Result<void>();
    }
    boost::asio::awaitable<Result<void>> ping(Deadline) override { co_return Result<void>{}; }

    std::vector<Receipt> stored;
    std::optional<Errc> fails;
};

} // namespace smsbcast::test
