#pragma once

#include "smsbcast/config/load.hpp"

#include <span>
#include <string>
#include <vector>

namespace smsbcast::config {

/// How the effective value of a key came about, for messages.
struct Standing {
    std::string from;  ///< `DATABASE_POOL_SIZE (environment)`
    bool sound = true; ///< false: the strongest source's value was refused
};

/// What is wrong between keys that are right by themselves. A rule that needs a key which is not sound is left out: its
/// verdict would only repeat that mistake.
/// @param standings one a key, in the order of keys().
std::vector<std::string> check_across_keys(const LoadResult& result, std::span<const Standing> standings,
                                           std::span<const Role> roles);

} // namespace smsbcast::config
