#pragma once

#include "smsbcast/base/timestamp.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast {

/// 128 bits in network order; ordered as the text is.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const Uuid&, const Uuid&) = default;

    bool is_nil() const { return *this == Uuid{}; }
};

/// 36 characters, lower case.
std::string to_string(const Uuid& id);

/// Takes the 36-character form, either case; any version.
std::optional<Uuid> parse_uuid(std::string_view text);

/// The creation time that a version 7 id carries (RFC 9562 §5.7), in whole milliseconds.
Timestamp uuid_time(const Uuid& id);

/// Ascending version 7 ids that all carry one creation time: a block of them is one range of the primary key.
///
/// The 74 bits below the time are a counter (RFC 9562 §6.2, method 2) that starts at random and moves on by a random
/// step of 1 to 2^32, so that neighbours cannot be guessed from each other. Two blocks of the same millisecond overlap
/// with a probability of about n * 2^-41. Start and steps come from random_bits(). It is not thread-safe.
class UuidBlock {
public:
    /// Starts at the wall clock's present millisecond.
    UuidBlock();
    explicit UuidBlock(std::chrono::sys_time<std::chrono::milliseconds> time);
    // Two copies would make ids that lie between each other's.
    UuidBlock(UuidBlock&&) = default;
    UuidBlock& operator=(UuidBlock&&) = default;

    Uuid next();

private:
    std::uint64_t time_ms_;
    std::uint64_t high_; // 12 bits: rand_a
    std::uint64_t low_;  // 62 bits: rand_b
};

/// One fresh version 7 id.
Uuid new_uuid();

} // namespace smsbcast

template <>
struct std::hash<smsbcast::Uuid> {
    std::size_t operator()(const smsbcast::Uuid& id) const noexcept;
};
