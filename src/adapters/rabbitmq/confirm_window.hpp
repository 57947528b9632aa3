#pragma once

#include "smsbcast/base/deadline.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace smsbcast::adapters::rabbitmq {

/// What became of one ticket on its way into the queue. It is finer than the port's PublishOutcome.
enum class Outcome : std::uint8_t {
    confirmed,
    refused,
    unsettled,
    unpublished, ///< never written to the broker
};

/// Names a ticket of a batch towards the one who published it.
struct BatchEntry {
    std::uint64_t batch = 0;
    std::uint32_t index = 0;

    friend bool operator==(const BatchEntry&, const BatchEntry&) = default;
};

struct Settlement {
    BatchEntry entry;
    Outcome outcome = Outcome::unsettled;

    friend bool operator==(const Settlement&, const Settlement&) = default;
};

/// The messages of one channel that the broker has not confirmed yet. Pure: fed with what was written and read.
///
/// Tags count from 1 on each channel, in the order of publishing, which is the broker's own numbering. A confirm that
/// names no waiting message is ignored. Bounded by the distance from the oldest waiting tag to the newest.
class ConfirmWindow {
public:
    using Tag = std::uint64_t;
    using Time = Deadline::Clock::time_point;

    explicit ConfirmWindow(std::size_t limit) : limit_(limit) {}

    bool has_room() const { return slots_.size() < limit_; }
    bool empty() const { return slots_.empty(); }

    /// The tag that the broker gives to the message which is published next.
    Tag next_tag() const { return first_tag_ + slots_.size(); }

    /// Call once a message is written. Returns its tag.
    Tag on_published(BatchEntry entry, Time now);

    /// A mandatory message came back: no queue took it. The broker acks it all the same, after this.
    void on_return(Tag tag);

    std::vector<Settlement> on_ack(Tag tag, bool multiple);
    std::vector<Settlement> on_nack(Tag tag, bool multiple);

    /// Everything that waits is unsettled, returned ones apart; the next channel begins with tag 1.
    std::vector<Settlement> on_connection_lost();

    /// When the message that has waited longest was published.
    std::optional<Time> oldest() const;

private:
    struct Slot {
        BatchEntry entry;
        Time published_at;
        bool returned = false;
        bool settled = false;
    };

    std::vector<Settlement> settle(Tag tag, bool multiple, Outcome outcome);
    Slot* find(Tag tag);

    std::size_t limit_;
    Tag first_tag_ = 1;
    std::deque<Slot> slots_; ///< the front one waits; behind it lie waiting and settled ones
};

} // namespace smsbcast::adapters::rabbitmq
