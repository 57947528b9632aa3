#pragma once

#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/receipt_store.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

namespace smsbcast::app {

struct ReceiptOptions {
    std::size_t batch = 500;             ///< 1 to 10000 receipts a transaction
    std::chrono::milliseconds linger{3}; ///< how long the first of a batch waits for others while others come
    std::size_t max_waiting = 20000;     ///< beyond this, receipts are refused as overloaded
    std::chrono::milliseconds store_timeout{10000};
};

/// Gathers the receipts of many requests into one transaction after another; each request is answered after the commit
/// that holds its receipt. One transaction is under way at a time, and what arrives meanwhile is the next batch, so a
/// lone receipt does not wait for company.
///
/// A batch that fails in a way that may pass is tried again until the deadline of every request in it; one that fails
/// for good is tried receipt by receipt, so that a bad one does not take its neighbours down.
class ApplyReceipts {
public:
    ApplyReceipts(ReceiptStore& store, Clock& clock, ReceiptOptions options);
    ~ApplyReceipts();

    /// Returns after the commit. Errors: overloaded, timeout, unavailable, uncertain, retry, stopping: the sender must
    /// repeat it (harmless where it was durable after all). Anything else: it can never be applied.
    boost::asio::awaitable<Result<ReceiptFate>> operator()(Receipt receipt, Deadline deadline);

    /// The loop that writes. Ends after stop(), when nothing waits any more.
    boost::asio::awaitable<void> run();
    void stop();

    std::size_t waiting() const { return waiting_; }

private:
    struct Batch;
    std::shared_ptr<Batch> open_batch();
    boost::asio::awaitable<void> gather(const Batch& batch);
    boost::asio::awaitable<void> write(Batch& batch);
    boost::asio::awaitable<void> write_each(Batch& batch);

    ReceiptStore& store_;
    Clock& clock_;
    ReceiptOptions options_;
    std::deque<std::shared_ptr<Batch>> batches_; ///< the first is being written or is next; the last takes what arrives
    std::unique_ptr<Signal> changed_;
    std::size_t waiting_ = 0;
    std::size_t last_size_ = 0; ///< of the batch before
    bool stopping_ = false;
};

} // namespace smsbcast::app
