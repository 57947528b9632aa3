#pragma once

#include "smsbcast/domain/phone_number.hpp"
#include "smsbcast/mock/mock_provider.hpp"

#include <chrono>
#include <functional>

namespace smsbcast::mock {

enum class Mishap { none, throttle, error, reset_before, reset_after, hang, truncate, refuse };

/// The fate of one request.
struct RequestPlan {
    Mishap mishap = Mishap::none;
    std::chrono::milliseconds latency{0};

    bool accepts() const {
        return mishap != Mishap::throttle && mishap != Mishap::error && mishap != Mishap::reset_before &&
               mishap != Mishap::refuse;
    }

    /// Whether the answer, or its absence, leaves a client in doubt whether the message was taken.
    bool leaves_uncertain(unsigned error_status) const {
        if (mishap == Mishap::error)
            return error_status >= 500 && error_status != 503; // "not now" is an answer
        return mishap != Mishap::none && mishap != Mishap::throttle && mishap != Mishap::refuse;
    }
};

/// The fate of the receipt of one acceptance.
struct ReceiptPlan {
    bool lost = false;
    bool failed = false;
    bool first = false; ///< before the request's answer
    bool doubled = false;
    std::chrono::milliseconds delay{0};        ///< after the answer
    std::chrono::milliseconds second_delay{0}; ///< of the double
};

/// Whether the number is one of those that are refused whatever the dice say.
bool is_refused(const MockFaults& faults, const PhoneNumber& phone);

/// Decides by the rates and by draws from [0, 1).
class FaultDice {
public:
    explicit FaultDice(std::function<double()> draw) : draw_(std::move(draw)) {}

    bool ignores_key(const MockFaults& faults) const { return happens(faults.ignore_keys_rate); }
    RequestPlan request(const MockFaults& faults) const;
    ReceiptPlan receipt(const MockFaults& faults) const;

private:
    bool happens(double rate) const { return rate > 0 && draw_() < rate; }
    std::chrono::milliseconds up_to(std::chrono::milliseconds most) const;
    std::chrono::milliseconds receipt_delay(const MockFaults& faults) const;

    std::function<double()> draw_;
};

} // namespace smsbcast::mock
