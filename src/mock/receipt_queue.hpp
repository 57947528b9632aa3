#pragma once

#include "ledger.hpp"
#include "webhooks.hpp"

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/mock/mock_provider.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace smsbcast::mock {

/// A receipt on its way.
struct PendingReceipt {
    Deadline::Clock::time_point due;
    Deadline::Clock::time_point give_up_at;
    std::uint64_t seq = 0; ///< of the ledger's entry
    std::uint64_t provider_number = 0;
    MessageId message;
    Webhooks::Ref webhook = 0;
    ReceiptStatus status = ReceiptStatus::delivered;
    ReceiptEcho echo = ReceiptEcho::message_id;
    bool named = true; ///< by our id
    std::uint8_t tries = 0;
};

/// Receipts by the time when they are due.
class ReceiptQueue {
public:
    using Time = Deadline::Clock::time_point;

    static constexpr int kMaxTries = 10;
    static constexpr std::chrono::minutes kLongest{5};

    void push(PendingReceipt receipt);

    /// The one due longest, if any is.
    std::optional<PendingReceipt> pop(Time now);

    /// time_point::max() when none waits.
    Time next_due() const;
    std::size_t size() const { return heap_.size(); }
    std::vector<PendingReceipt> take_all();

private:
    std::vector<PendingReceipt> heap_;
};

/// The receipt as it is to be tried again after it was tried in vain: later each time. Nothing when it is given up.
std::optional<PendingReceipt> next_try(PendingReceipt receipt, ReceiptQueue::Time now);

} // namespace smsbcast::mock
