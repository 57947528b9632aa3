#include "provider_ids.hpp"

#include "smsbcast/base/random.hpp"

#include <functional>
#include <string_view>

namespace smsbcast::mock {

namespace {

constexpr std::uint64_t kVersionBits = 0xf000;
constexpr std::uint64_t kVersion4 = 0x4000;
constexpr std::uint64_t kVersion8 = 0x8000; // RFC 9562 §5.8: made as one likes
constexpr std::uint64_t kVariantBits = std::uint64_t{3} << 62;
constexpr std::uint64_t kVariant = std::uint64_t{2} << 62;
// The factor is odd, so multiplying by it modulo 2^62 keeps different numbers different; the
// results do not look counted.
constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;

Uuid from_halves(std::uint64_t first, std::uint64_t second) {
    Uuid id;
    for (std::size_t i = 8; i-- > 0; first >>= 8, second >>= 8) {
        id.bytes[i] = static_cast<std::uint8_t>(first);
        id.bytes[8 + i] = static_cast<std::uint8_t>(second);
    }
    return id;
}

} // namespace

// The first half is drawn once per process, so the ids of two runs do not meet in a database that
// outlives both.
ProviderIds::ProviderIds() : first_half_((random_bits() & ~kVersionBits) | kVersion4), mask_(random_bits()) {}

Uuid ProviderIds::of(std::uint64_t number) const {
    return from_halves(first_half_, (((number * kSpread) ^ mask_) & ~kVariantBits) | kVariant);
}

Uuid uuid_of(std::string_view text) {
    const std::hash<std::string_view> hash;
    const auto first = hash(text);
    // A second hash of 64 bits makes it as unlikely that two texts meet as it is for random UUIDs.
    const auto second = hash(std::string(text) + '#') ^ (first * kSpread);
    return from_halves((first & ~kVersionBits) | kVersion8, (second & ~kVariantBits) | kVariant);
}

} // namespace smsbcast::mock
