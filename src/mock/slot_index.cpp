#include "slot_index.hpp"

#include <algorithm>
#include <utility>

namespace smsbcast::mock {

// The multiplication spreads the differences that a weak hash has in its low bits over the high
// ones, which are kept. 0 marks a free slot, so no tag is 0.
std::uint32_t SlotIndex::tag_of(std::uint64_t hash) {
    const auto tag = static_cast<std::uint32_t>((hash * 0x9e3779b97f4a7c15U) >> 32U);
    return std::max<std::uint32_t>(tag, 1);
}

void SlotIndex::insert(std::uint64_t hash, std::uint32_t reference) {
    // Linear probing stays short up to about seven slots in ten.
    if ((size_ + 1) * 10 > slots_.size() * 7)
        grow();
    place({tag_of(hash), reference});
    ++size_;
}

void SlotIndex::replace(std::uint64_t hash, std::uint32_t reference, std::uint32_t by) {
    if (const auto at = locate(hash, [&](std::uint32_t other) { return other == reference; }))
        slots_[*at].reference = by;
}

void SlotIndex::erase(std::uint64_t hash, std::uint32_t reference) {
    const auto found = locate(hash, [&](std::uint32_t other) { return other == reference; });
    if (!found)
        return;
    auto hole = *found;
    // A slot behind the hole moves into it, unless its home lies behind the hole as well. So no
    // mark of deletion is needed, of which an index that forgets its oldest entry all the time
    // would fill up.
    for (auto at = next(hole); slots_[at].tag != 0; at = next(at)) {
        const auto mask = slots_.size() - 1;
        const auto from_home = (at - home_of(slots_[at].tag)) & mask;
        const auto from_hole = (at - hole) & mask;
        if (from_home >= from_hole)
            slots_[std::exchange(hole, at)] = slots_[at];
    }
    slots_[hole] = {};
    --size_;
}

void SlotIndex::clear() {
    slots_ = {};
    size_ = 0;
}

void SlotIndex::place(Slot slot) {
    auto at = home_of(slot.tag);
    while (slots_[at].tag != 0)
        at = next(at);
    slots_[at] = slot;
}

void SlotIndex::grow() {
    const auto old = std::exchange(slots_, std::vector<Slot>(std::max<std::size_t>(64, slots_.size() * 2)));
    // The tag is all that is needed to place a slot anew, so the keys are not looked at.
    for (const auto& slot : old) {
        if (slot.tag != 0)
            place(slot);
    }
}

} // namespace smsbcast::mock
