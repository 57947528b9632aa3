#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/role.hpp"

#include <cstdint>
#include <span>

namespace smsbcast::config {

/// How many connections each role of a process may have at once, by what needs a descriptor each.
struct ConnectionBounds {
    std::uint64_t served = 0;   ///< by a role that serves more than health checks
    std::uint64_t health = 0;   ///< by a role that answers health checks only
    std::uint64_t provider = 0; ///< from the worker to the provider
    std::uint64_t receipts = 0; ///< from the mock to the webhook

    bool operator==(const ConnectionBounds&) const = default;
};

/// What the configuration asks for, descriptors or not.
ConnectionBounds wanted_connections(const Config& config);

/// What of it fits into `limit` descriptors together with all else that these roles open. Served connections give way
/// first, down to a few dozen; then all in the same proportion, and a few are left of each however small the limit is.
ConnectionBounds fitting_connections(std::span<const Role> roles, const Config& config, std::uint64_t limit);

/// The configuration as this role has to read it.
Config with_bounds(Config config, Role role, const ConnectionBounds& bounds);

/// Logs once what the descriptors do not allow. What was not asked for by the user is no warning.
void warn_of_bounds(const ConnectionBounds& wanted, const ConnectionBounds& fitting, const Config& config,
                    std::uint64_t limit);

} // namespace smsbcast::config
