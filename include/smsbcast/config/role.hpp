#pragma once

#include "smsbcast/base/enum_set.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smsbcast::config {

/// A part of the system that can run as a process of its own. In the order in which a message passes them: `all` starts
/// them from the end, so that whoever gets work finds the next one there.
enum class Role : std::uint8_t { api, outbox, worker, dlr, mock_provider };

/// What a role works with. Each brings its settings, the checks of its addresses and its connections with it.
enum class Need : std::uint8_t {
    store,      ///< the database
    queue,      ///< the broker
    outcomes,   ///< the rules for what becomes of a message after an attempt
    resolution, ///< the time that a message of unknown outcome waits for its receipt
    provider,   ///< requests to the provider
    webhook,    ///< the address to which receipts are sent
    receipts,   ///< requests to that address
};

using RoleSet = EnumSet<Role>;
using Needs = EnumSet<Need>;

/// The setting of the address at which a role answers, health checks at least.
struct AddressSetting {
    std::string_view path; ///< in the file: `section.http_addr`
    std::string_view environment;
    std::string_view default_text;
    std::string_view doc; ///< one sentence
};

/// All that the rest of the program has to know of a role. What it does, it declares to its RoleHost.
struct RoleTraits {
    Role role;
    std::string_view name; ///< the word of the command line
    std::string_view help;
    AddressSetting address;
    Needs needs;
    bool serves = false;              ///< more than health checks, so that it has many connections
    bool reached_from_outside = true; ///< false: in `all` it listens on the loopback address unless told otherwise
    bool is_stand_in = false;         ///< `all` starts it only while no provider is configured
    std::uint64_t database_pools = 0; ///< of connections, for what must not wait for each other
    /// As a process of its own it takes this role's address, by flag or variable, while its own is not given.
    std::optional<Role> may_listen_as{};
};

/// The one table of roles.
inline constexpr std::array kRoles{
    RoleTraits{.role = Role::api,
               .name = "api",
               .help = "REST API",
               .address = {"api.http_addr", "HTTP_ADDR", ":8080",
                           "Where the REST API listens; as flag or variable also for a `mock-provider` of its own that "
                           "has no address."},
               .needs = {Need::store, Need::resolution},
               .serves = true,
               .database_pools = 2},
    RoleTraits{.role = Role::outbox,
               .name = "outbox",
               .help = "Relays pending messages to the queue",
               .address = {"outbox.http_addr", "OUTBOX_HTTP_ADDR", ":8082",
                           "Where the outbox role answers health checks; in `all` on 127.0.0.1 unless this is given."},
               .needs = {Need::store, Need::queue, Need::outcomes, Need::resolution, Need::webhook},
               .reached_from_outside = false,
               .database_pools = 2},
    RoleTraits{.role = Role::worker,
               .name = "worker",
               .help = "Takes messages off the queue and calls the provider",
               .address = {"worker.http_addr", "WORKER_HTTP_ADDR", ":8083",
                           "Where the worker role answers health checks; in `all` on 127.0.0.1 unless this is given."},
               .needs = {Need::store, Need::queue, Need::outcomes, Need::resolution, Need::webhook, Need::provider},
               .reached_from_outside = false,
               .database_pools = 1},
    RoleTraits{
        .role = Role::dlr,
        .name = "dlr",
        .help = "Webhook for delivery receipts",
        .address = {"dlr.http_addr", "DLR_WEBHOOK_ADDR", ":8081", "Where the webhook for delivery receipts listens."},
        .needs = {Need::store},
        .serves = true,
        .database_pools = 1},
    RoleTraits{.role = Role::mock_provider,
               .name = "mock-provider",
               .help = "SMS gateway for tests, with faults",
               .address = {"mock.http_addr", "MOCK_PROVIDER_ADDR", ":9090",
                           "Where the mock provider listens; in `all` on 127.0.0.1 unless this is given."},
               .needs = {Need::webhook, Need::receipts},
               .serves = true,
               .reached_from_outside = false,
               .is_stand_in = true,
               .may_listen_as = Role::api},
};

constexpr const RoleTraits& traits(Role role) noexcept {
    return kRoles[static_cast<std::size_t>(role)];
}

/// The word of the command line: `mock-provider` for Role::mock_provider.
constexpr std::string_view to_string(Role role) noexcept {
    return traits(role).name;
}

constexpr bool needs(Role role, Need need) noexcept {
    return traits(role).needs.contains(need);
}

/// Every role, in the order of the enum.
inline constexpr auto kAllRoles = [] {
    std::array<Role, kRoles.size()> roles{};
    std::ranges::transform(kRoles, roles.begin(), &RoleTraits::role);
    return roles;
}();

static_assert(std::ranges::all_of(kAllRoles, [](Role role) { return traits(role).role == role; }),
              "the table stands in the order of the enum");

} // namespace smsbcast::config
