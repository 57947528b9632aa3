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
    std::vector<Result<ReceiptOutcome>> outcomes; ///< when settled: one per receipt
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

boost::asio::awaitable<Result<ReceiptOutcome>> ApplyReceipts::operator()(Receipt receipt, Deadline deadline) {
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
    batch.outcomes.assign(batch.receipts.size(), Result<ReceiptOutcome>(batch.last_error));
    Bisection parts(batch.receipts.size());
    for (int failures = 0; !parts.done() && clock_.now() < batch.last_deadline.at();) {
        headway_.waits(clock_.now());
        const auto range = parts.next();
        const bool written = co_await write_some(batch, range);
        if (written) {
            headway_.moved();
            parts.passed();
        } else if (!is_retryable(batch.last_error)) {
            const auto alone = parts.refused();
            if (!alone)
                continue;
            co_await keep(batch, *alone);
            parts.passed();
        } else {
            const Deadline until(std::min(clock_.now() + failure_pause(++failures), batch.last_deadline.at()));
            while (clock_.now() < until.at())
                co_await changed_->wait(until);
        }
    }
    if (batches_.size() == 1) // nothing waits any more
        headway_.moved();
}

// On a failure, which is in batch.last_error, all of these have it for their outcome.
boost::asio::awaitable<bool> ApplyReceipts::write_some(Batch& batch, Bisection::Range range) {
    chaos::failpoint("dlr.before_apply");
    if (chaos::mutant("receipt_answered_before_commit")) {
        batch.outcomes.assign(batch.receipts.size(), Result<ReceiptOutcome>(ReceiptOutcome::applied));
        batch.settled = true;
        batch.done->notify_all();
    }
    const auto first = batch.receipts.begin();
    std::vector<Receipt> receipts(first + static_cast<std::ptrdiff_t>(range.begin),
                                  first + static_cast<std::ptrdiff_t>(range.end));
    auto applying = store_.apply(std::move(receipts), clock_.in(options_.store_timeout));
    const Result<std::vector<ReceiptOutcome>> outcomes = co_await std::move(applying);
    chaos::failpoint("dlr.after_apply");
    if (!outcomes) {
        log::warn("receipts_not_applied", {{"receipts", range.size()}, {"error", outcomes.error()}});
        fail(batch, range, outcomes.error());
        co_return false;
    }
    for (std::size_t i = 0; i < std::min(outcomes->size(), range.size()); ++i)
        batch.outcomes[range.begin + i] = (*outcomes)[i];
    co_return true;
}

void ApplyReceipts::fail(Batch& batch, Bisection::Range range, boost::system::error_code error) {
    batch.last_error = error;
    for (auto place = range.begin; place < range.end; ++place)
        batch.outcomes[place] = Result<ReceiptOutcome>(error);
}

// The store refuses it, but not its neighbours. In the inbox it is tried again later, and its sender is content.
boost::asio::awaitable<void> ApplyReceipts::keep(Batch& batch, std::size_t place) {
    const Receipt& receipt = batch.receipts[place];
    std::vector<Receipt> one(1, receipt);
    auto keeping = store_.keep(std::move(one), clock_.in(options_.store_timeout));
    const Result<void> kept = co_await std::move(keeping);
    ++put_aside_;
    log::error("receipt_put_aside",
               {{"message_id", receipt.message ? to_string(*receipt.message) : "none"}, {"kept", kept.has_value()}});
    if (kept)
        batch.outcomes[place] = ReceiptOutcome::kept;
    else
        fail(batch, {place, place + 1}, kept.error());
}

} // namespace smsbcast::app
