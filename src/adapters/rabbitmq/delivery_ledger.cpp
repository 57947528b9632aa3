#include "delivery_ledger.hpp"

namespace smsbcast::adapters::rabbitmq {

std::vector<SettleFrame> DeliveryLedger::settle(std::span<const std::uint64_t> tags) {
    std::set<std::uint64_t> done;
    for (const auto tag : tags) {
        // A tag that is not open was settled before. Naming it again would make the broker close
        // the channel (PRECONDITION_FAILED).
        if (open_.erase(tag) > 0)
            done.insert(tag);
    }
    if (done.empty())
        return {};
    std::vector<SettleFrame> frames;
    // Everything below the lowest open tag is done, so one frame with "multiple" settles it; the
    // rest is named tag by tag.
    const auto above = open_.empty() ? done.end() : done.lower_bound(*open_.begin());
    if (above != done.begin()) {
        const bool several = std::next(done.begin()) != above;
        frames.push_back({*std::prev(above), several});
    }
    for (auto at = above; at != done.end(); ++at)
        frames.push_back({*at, false});
    return frames;
}

} // namespace smsbcast::adapters::rabbitmq
