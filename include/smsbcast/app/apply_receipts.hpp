#pragma once

#include "smsbcast/app/headway.hpp"
#include "smsbcast/base/bisection.hpp"
#include "smsbcast/ports/clock.hpp"
#include "smsbcast/ports/receipt_store.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
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
/// A batch that fails in a way that may pass is tried again until the deadline of every request in it. One that the
/// store refuses for what it holds is halved until the receipt that is at fault is alone: that one is put into the
/// inbox, where it is tried again later, so that neither its neighbours nor its sender need repeat anything.
class ApplyReceipts {
public:
    ApplyReceipts(ReceiptStore& store, Clock& clock, ReceiptOptions options);
    ~ApplyReceipts();

    /// Returns after the commit. Errors: overloaded, timeout, unavailable, uncertain, retry, stopping: the sender must
    /// repeat it (harmless where it was durable after all). Anything else: it can neither be applied nor kept.
    boost::asio::awaitable<Result<ReceiptOutcome>> operator()(Receipt receipt, Deadline deadline);

    /// The loop that writes. Ends after stop(), when nothing waits any more.
    boost::asio::awaitable<void> run();
    void stop();

    std::size_t waiting() const { return waiting_; }

    /// Receipts wait, and for a while none could be stored.
    bool stalled() const { return headway_.stalled(clock_.now()); }

    /// Receipts that the store did not apply for what they hold: kept in the inbox, or given up.
    std::int64_t put_aside() const { return put_aside_; }

private:
    struct Batch;
    std::shared_ptr<Batch> open_batch();
    boost::asio::awaitable<void> gather(const Batch& batch);
    boost::asio::awaitable<void> write(Batch& batch);
    boost::asio::awaitable<bool> write_some(Batch& batch, Bisection::Range range);
    boost::asio::awaitable<void> keep(Batch& batch, std::size_t place);
    void fail(Batch& batch, Bisection::Range range, boost::system::error_code error);

    ReceiptStore& store_;
    Clock& clock_;
    ReceiptOptions options_;
    std::deque<std::shared_ptr<Batch>> batches_; ///< the first is being written or is next; the last takes what arrives
    std::unique_ptr<Signal> changed_;
    std::size_t waiting_ = 0;
    std::size_t last_size_ = 0; ///< of the batch before
    Headway headway_;
    std::int64_t put_aside_ = 0;
    bool stopping_ = false;
};

} // namespace smsbcast::app
