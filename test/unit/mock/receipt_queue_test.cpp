#include "mock/receipt_queue.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace smsbcast::mock;
using namespace std::chrono_literals;

namespace {

const ReceiptQueue::Time kQueueNow{1000s};

PendingReceipt due(std::chrono::milliseconds after, std::uint64_t seq = 0) {
    return {.due = kQueueNow + after, .give_up_at = kQueueNow + ReceiptQueue::kLongest, .seq = seq, .message = {}};
}

} // namespace

TEST_CASE("Receipts come out by their time, and not before it", "[mock]") {
    ReceiptQueue queue;
    CHECK(queue.next_due() == ReceiptQueue::Time::max());
    CHECK_FALSE(queue.pop(ReceiptQueue::Time::max()));
    std::mt19937 random(1);
    for (int i = 0; i < 1000; ++i)
        queue.push(due(std::chrono::milliseconds(random() % 500)));
    CHECK_FALSE(queue.pop(kQueueNow - 1ms));
    auto last = kQueueNow;
    for (int i = 0; i < 1000; ++i) {
        CHECK_FALSE(queue.pop(queue.next_due() - 1ms));
        const auto receipt = queue.pop(queue.next_due());
        REQUIRE(receipt);
        REQUIRE(receipt->due >= last);
        last = receipt->due;
    }
    CHECK(queue.size() == 0);
}

TEST_CASE("take_all() empties the queue", "[mock]") {
    ReceiptQueue queue;
    queue.push(due(1ms));
    queue.push(due(2ms));
    CHECK(queue.take_all().size() == 2);
    CHECK(queue.size() == 0);
}

TEST_CASE("A receipt is tried ten times, each time after a longer pause", "[mock]") {
    auto now = kQueueNow;
    std::optional<PendingReceipt> receipt = due(0ms);
    std::vector<std::chrono::milliseconds> pauses;
    while ((receipt = next_try(*receipt, now))) {
        pauses.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(receipt->due - now));
        now = receipt->due;
    }
    CHECK(pauses == std::vector<std::chrono::milliseconds>{500ms, 1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s});
}

TEST_CASE("A receipt is not tried after five minutes", "[mock]") {
    const auto receipt = due(0ms);
    CHECK(next_try(receipt, kQueueNow + 299s));
    CHECK_FALSE(next_try(receipt, kQueueNow + 300s));
}
