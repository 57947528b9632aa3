#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace smsbcast::mock {

/// A hash index from keys that stand elsewhere to 32-bit references: 8 bytes a slot, no node, no copy of the key.
/// Linear probing; what is erased leaves no mark, so that it does not wear out.
class SlotIndex {
public:
    /// The first reference under `hash` that `matches`, which says whether the key behind a
    /// reference is the one meant.
    template <class Matches>
    std::optional<std::uint32_t> find(std::uint64_t hash, Matches matches) const {
        const auto at = locate(hash, matches);
        return at ? std::optional(slots_[*at].reference) : std::nullopt;
    }

    /// The same key must not be there already.
    void insert(std::uint64_t hash, std::uint32_t reference);

    /// Both do nothing when `reference` is not there.
    void replace(std::uint64_t hash, std::uint32_t reference, std::uint32_t by);
    void erase(std::uint64_t hash, std::uint32_t reference);

    void clear();
    std::size_t size() const { return size_; }

private:
    struct Slot {
        std::uint32_t tag = 0; // 0: free
        std::uint32_t reference = 0;
    };

    static std::uint32_t tag_of(std::uint64_t hash);
    std::size_t home_of(std::uint32_t tag) const { return tag & (slots_.size() - 1); }
    std::size_t next(std::size_t at) const { return (at + 1) & (slots_.size() - 1); }
    void place(Slot slot);
    void grow();

    template <class Matches>
    std::optional<std::size_t> locate(std::uint64_t hash, Matches matches) const {
        if (slots_.empty())
            return std::nullopt;
        const auto tag = tag_of(hash);
        for (auto at = home_of(tag); slots_[at].tag != 0; at = next(at)) {
            if (slots_[at].tag == tag && matches(slots_[at].reference))
                return at;
        }
        return std::nullopt;
    }

    std::vector<Slot> slots_; // a power of two, at most 7 in 10 used
    std::size_t size_ = 0;
};

} // namespace smsbcast::mock
