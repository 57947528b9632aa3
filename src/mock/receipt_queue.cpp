#include "receipt_queue.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::mock {

namespace {

using std::chrono::milliseconds;

// Half a second, doubling to a minute: real providers wait longer, but a test has to see a
// repetition.
constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{60'000};

// The standard heap has its largest element in front, and the earliest is wanted.
bool is_later(const PendingReceipt& a, const PendingReceipt& b) {
    return a.due > b.due;
}

} // namespace

void ReceiptQueue::push(PendingReceipt receipt) {
    heap_.push_back(receipt);
    std::ranges::push_heap(heap_, is_later);
}

std::optional<PendingReceipt> ReceiptQueue::pop(Time now) {
    if (next_due() > now || heap_.empty())
        return std::nullopt;
    std::ranges::pop_heap(heap_, is_later);
    const auto receipt = heap_.back();
    heap_.pop_back();
    return receipt;
}

ReceiptQueue::Time ReceiptQueue::next_due() const {
    return heap_.empty() ? Time::max() : heap_.front().due;
}

std::vector<PendingReceipt> ReceiptQueue::take_all() {
    return std::exchange(heap_, {});
}

std::optional<PendingReceipt> next_try(PendingReceipt receipt, ReceiptQueue::Time now) {
    // A webhook that never answers must not keep its receipts, and their memory, for ever.
    if (++receipt.tries >= ReceiptQueue::kMaxTries)
        return std::nullopt;
    const auto pause = std::min(kLongestPause, kFirstPause * (1 << (receipt.tries - 1)));
    receipt.due = now + pause;
    // A try that would come after the time is over is not worth waiting for.
    return receipt.due > receipt.give_up_at ? std::nullopt : std::optional(receipt);
}

} // namespace smsbcast::mock
