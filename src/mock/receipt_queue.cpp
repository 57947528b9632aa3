#include "receipt_queue.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::mock {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{60'000};

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
    if (++receipt.tries >= ReceiptQueue::kMaxTries)
        return std::nullopt;
    const auto pause = std::min(kLongestPause, kFirstPause * (1 << (receipt.tries - 1)));
    receipt.due = now + pause;
    return receipt.due > receipt.give_up_at ? std::nullopt : std::optional(receipt);
}

} // namespace smsbcast::mock
