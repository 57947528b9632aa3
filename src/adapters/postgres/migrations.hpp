#pragma once

#include <span>
#include <string_view>

namespace smsbcast::adapters::postgres {

/// One file of sql/postgres, embedded by the build.
struct Migration {
    int number;
    std::string_view name; ///< `001_foundation`
    std::string_view text;
};

/// Ascending by number.
std::span<const Migration> migrations();

} // namespace smsbcast::adapters::postgres
