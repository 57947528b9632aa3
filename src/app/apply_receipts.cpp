#include "smsbcast/app/apply_receipts.hpp"

#include "failure_pause.hpp"
#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <optional>

namespace smsbcast::app {

/// The receipts of one transaction, and their requests' way to its outcome.
struct ApplyReceipts::Batch {
    std::vector<Receipt> receipts;
    Deadline::Clock::time_point begun;
    Deadline last_deadline; ///< nobody waits after it
    bool being_written = false;
    bool settled = false;
    std::vector<Result<ReceiptFate>> outcomes; ///< when settled: one per receipt
    boost::system::error_code last_error = make_error_code(Errc::timeout);
    std::unique_ptr<Signal> done;
};

ApplyReceipts::ApplyReceipts(ReceiptStore& store, Clock& clock, ReceiptOptions options)
    : store_(store), clock_(clock), options_(options), changed_(clock.make_signal()) {}

ApplyReceipts::~ApplyReceipts() = default;

std::shared_ptr<ApplyReceipts::Batch> ApplyReceipts::open_batch() {
    if (batches_.empty() || batches_.back()->being_written || batches_.back()->receipts.size() >= options_.batch) {
        const auto now = clock_.now();
        batches_.push_back(std::make_shared<Batch>(Batch{.receipts = {},
                                                         .begun = now,
                                                         .last_deadline = Deadline(now),
                                                         .outcomes = {},
                                                         .done = clock_.make_signal()}));
    }
    return batches_.back();
}

boost::asio::awaitable<Result<ReceiptFate>> ApplyReceipts::operator()(Receipt receipt, Deadline deadline) {
    if (stopping_)
        co_return Errc::stopping;
    if (waiting_ >= options_.max_waiting)
        co_return Errc::overloaded;
    const std::shared_ptr<Batch> batch = open_batch();
    const std::size_t place = batch->receipts.size();
    batch->receipts.push_back(std::move(receipt));
    batch->last_deadline = Deadline(std::max(batch->last_deadline.at(), deadline.at()));
    ++waiting_;
    if (place == 0 || batch->receipts.size() == options_.batch)
        changed_->notify_all();

    while (!batch->settled)
        if (!co_await batch->done->wait(deadline) && !batch->settled)
            co_return batch->last_error;
    co_return batch->outcomes[place];
}

boost::asio::awaitable<void> ApplyReceipts::run() {
    while (!stopping_ || !batches_.empty()) {
        if (batches_.empty()) {
            co_await changed_->wait(clock_.in(std::chrono::seconds(10)));
            continue;
        }
        const std::shared_ptr<Batch> batch = batches_.front();
        co_await gather(*batch);
        batch->being_written = true;
        co_await write(*batch);
        last_size_ = batch->receipts.size();
        waiting_ -= batch->receipts.size();
        batches_.pop_front();
        batch->settled = true;
        batch->done->notify_all();
    }
}

void ApplyReceipts::stop() {
    stopping_ = true;
    changed_->notify_all();
}

// Only under load, which the size of the batch before tells: waiting for company would only slow a lone receipt down.
boost::asio::awaitable<void> ApplyReceipts::gather(const Batch& batch) {
    const Deadline until(batch.begun + options_.linger);
    while (!stopping_ && last_size_ > 1 && batch.receipts.size() < options_.batch && clock_.now() < until.at())
        co_await changed_->wait(until);
}

boost::asio::awaitable<void> ApplyReceipts::write(Batch& batch) {
    batch.outcomes.assign(batch.receipts.size(), Result<ReceiptFate>(batch.last_error));
    for (int failures = 1; clock_.now() < batch.last_deadline.at(); ++failures) {
        chaos::reach("dlr.before_apply");
        if (chaos::mutant("receipt_answered_before_commit")) {
            batch.outcomes.assign(batch.receipts.size(), Result<ReceiptFate>(ReceiptFate::applied));
            batch.settled = true;
            batch.done->notify_all();
        }
        auto receipts = batch.receipts;
        auto applying = store_.apply(std::move(receipts), clock_.in(options_.store_timeout));
        const Result<std::vector<ReceiptFate>> fates = co_await std::move(applying);
        chaos::reach("dlr.after_apply");
        if (fates) {
            for (std::size_t i = 0; i < std::min(fates->size(), batch.outcomes.size()); ++i)
                batch.outcomes[i] = (*fates)[i];
            co_return;
        }
        log::warn("receipts_not_applied", {{"receipts", batch.receipts.size()}, {"error", fates.error()}});
        batch.last_error = fates.error();
        batch.outcomes.assign(batch.receipts.size(), Result<ReceiptFate>(batch.last_error));
        if (!is_retryable(fates.error()))
            co_return co_await write_each(batch);
        const Deadline until(std::min(clock_.now() + failure_pause(failures), batch.last_deadline.at()));
        while (clock_.now() < until.at())
            co_await changed_->wait(until);
    }
}

boost::asio::awaitable<void> ApplyReceipts::write_each(Batch& batch) {
    if (batch.receipts.size() < 2)
        co_return;
    for (std::size_t i = 0; i < batch.receipts.size() && clock_.now() < batch.last_deadline.at(); ++i) {
        std::vector<Receipt> one(1, batch.receipts[i]);
        auto applying = store_.apply(std::move(one), clock_.in(options_.store_timeout));
        const Result<std::vector<ReceiptFate>> fates = co_await std::move(applying);
        if (fates && !fates->empty())
            batch.outcomes[i] = fates->front();
        else if (!fates)
            batch.outcomes[i] = fates.error();
    }
}

} // namespace smsbcast::app
