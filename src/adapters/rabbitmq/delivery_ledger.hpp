#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

/// One frame that settles deliveries.
struct SettleFrame {
    std::uint64_t tag = 0;
    bool multiple = false; ///< and every delivery before it that is not settled yet

    friend bool operator==(const SettleFrame&, const SettleFrame&) = default;
};

/// The deliveries of one channel that were not settled yet. Pure.
///
/// Settling a delivery twice is an error that makes the broker close the channel; what is not open here is therefore
/// left out of the frames.
class DeliveryLedger {
public:
    /// Deliveries are numbered by the broker in the order in which it sends them, so a new tag is the highest.
    void on_delivered(std::uint64_t tag) { open_.insert(open_.end(), tag); }

    /// Settles what is open of `tags`, in any order, with as few frames as is safe: `multiple` is used up to the last
    /// tag below which nothing else is open. That is right because the broker sends in order: whatever it has sent
    /// with a lower tag has been registered here.
    std::vector<SettleFrame> settle(std::span<const std::uint64_t> tags);

    /// A new channel numbers anew.
    void on_connection_lost() { open_.clear(); }

    std::size_t size() const { return open_.size(); }

private:
    std::set<std::uint64_t> open_;
};

} // namespace smsbcast::adapters::rabbitmq
