#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace smsbcast::config {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// The smallest first: the largest that divides a number without a rest is the one it is written in.
inline constexpr std::array<Unit, 4> kDurations{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};
inline constexpr std::array<Unit, 4> kSizes{{{"", 1}, {"KiB", 1U << 10U}, {"MiB", 1U << 20U}, {"GiB", 1U << 30U}}};
inline constexpr std::array<Unit, 1> kPlain{{{"", 1}}};

} // namespace smsbcast::config
