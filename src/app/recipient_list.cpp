#include "smsbcast/app/create_broadcast.hpp"

#include "smsbcast/base/random.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace smsbcast::app {

namespace {
constexpr std::size_t kFewestSlots = 64;
constexpr std::size_t kMaxNumbers = std::numeric_limits<std::uint32_t>::max() - 1;
} // namespace

RecipientList::RecipientList(std::size_t most)
    : most_(std::min(most, kMaxNumbers)), seed_{random_bits() | 1, random_bits() | 1} {}

void RecipientList::add(std::string_view text) {
    const auto index = static_cast<std::int64_t>(seen_++);
    if (over_limit())
        return;
    const auto parsed = PhoneNumber::parse(text);
    if (const auto* error = std::get_if<PhoneError>(&parsed)) {
        ++bad_count_;
        if (bad_.size() < kMaxListed)
            bad_.push_back({index, *error});
        return;
    }
    if (!insert(std::get<PhoneNumber>(parsed)))
        ++duplicates_;
}

std::vector<PhoneNumber> RecipientList::take() {
    std::vector<std::uint32_t>().swap(slots_);
    return std::move(numbers_);
}

std::size_t RecipientList::home(std::uint64_t digits) const {
    std::uint64_t mixed = digits * seed_[0];
    mixed = (mixed ^ (mixed >> 32)) * seed_[1];
    return static_cast<std::size_t>(mixed >> (64 - std::countr_zero(slots_.size())));
}

bool RecipientList::insert(PhoneNumber number) {
    if ((numbers_.size() + 1) * 4 > slots_.size() * 3)
        grow();
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = home(number.digits());
    for (; slots_[slot] != 0; slot = (slot + 1) & mask)
        if (numbers_[slots_[slot] - 1] == number)
            return false;
    numbers_.push_back(number);
    slots_[slot] = static_cast<std::uint32_t>(numbers_.size());
    return true;
}

void RecipientList::grow() {
    const std::size_t size = std::max(kFewestSlots, slots_.size() * 2);
    // Everything is in numbers_, so the old slots go first: the two tables never exist at once.
    std::vector<std::uint32_t>().swap(slots_);
    slots_.resize(size);
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
        std::size_t slot = home(numbers_[i].digits());
        while (slots_[slot] != 0)
            slot = (slot + 1) & (size - 1);
        slots_[slot] = static_cast<std::uint32_t>(i + 1);
    }
}

} // namespace smsbcast::app
