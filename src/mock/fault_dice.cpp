#include "fault_dice.hpp"

#include <array>
#include <utility>

namespace smsbcast::mock {

namespace {

// Two seconds mix the receipts of a whole burst, and are short enough for a test to wait for.
constexpr std::chrono::milliseconds kMaxShuffle{2000};
constexpr std::chrono::milliseconds kMaxBetweenDoubles{1000};

} // namespace

// The same numbers are refused in every run and by every replica, so a test can say beforehand
// which messages fail.
bool is_refused(const MockFaults& faults, const PhoneNumber& phone) {
    return faults.refuse_every != 0 && phone.digits() % static_cast<std::uint64_t>(faults.refuse_every) == 0;
}

RequestPlan FaultDice::request(const MockFaults& faults) const {
    RequestPlan plan;
    plan.latency = faults.latency + up_to(faults.jitter);
    const std::array shares{std::pair(Mishap::throttle, faults.throttle_rate),
                            std::pair(Mishap::error, faults.error_rate),
                            std::pair(Mishap::reset_before, faults.reset_before_rate),
                            std::pair(Mishap::reset_after, faults.reset_after_rate),
                            std::pair(Mishap::hang, faults.hang_rate),
                            std::pair(Mishap::truncate, faults.truncate_rate)};
    // One draw decides among all of them, so that each gets its share exactly, whatever the others
    // are.
    double left = draw_();
    for (const auto& [mishap, share] : shares) {
        if (left < share) {
            plan.mishap = mishap;
            break;
        }
        left -= share;
    }
    return plan;
}

ReceiptPlan FaultDice::receipt(const MockFaults& faults) const {
    ReceiptPlan plan;
    // These are drawn apart from each other: a receipt may be late, doubled and negative at the
    // same time, as with real operators.
    plan.lost = happens(faults.receipt_lost_rate);
    plan.failed = happens(faults.receipt_failed_rate);
    plan.first = happens(faults.receipt_first_rate);
    plan.doubled = happens(faults.receipt_double_rate);
    plan.delay = receipt_delay(faults);
    if (plan.doubled)
        plan.second_delay = receipt_delay(faults) + up_to(kMaxBetweenDoubles);
    return plan;
}

std::chrono::milliseconds FaultDice::up_to(std::chrono::milliseconds most) const {
    if (most.count() == 0)
        return most;
    // The bound itself can be drawn, hence the added one.
    return std::chrono::milliseconds(static_cast<std::int64_t>(draw_() * static_cast<double>(most.count() + 1)));
}

std::chrono::milliseconds FaultDice::receipt_delay(const MockFaults& faults) const {
    return faults.receipt_delay + (happens(faults.receipt_shuffle_rate) ? up_to(kMaxShuffle) : up_to({}));
}

} // namespace smsbcast::mock
