#include "smsbcast/config/connection_bounds.hpp"

#include "smsbcast/base/log.hpp"

#include <algorithm>
#include <initializer_list>

namespace smsbcast::config {

namespace {

constexpr std::uint64_t kServedByDefault = 8192; // what 100 MB of memory hold when all are in use
constexpr std::uint64_t kHealth = 256;
// Log, configuration, event loops; the files of the embedded store; a connection to the broker with its thread's.
constexpr std::uint64_t kProcess = 64, kRole = 8, kEmbeddedStore = 32, kBroker = 4;
constexpr std::uint64_t kServedAtLeast = 64, kAtLeast = 8;

std::uint64_t fixed(std::span<const Role> roles, const Config& config) {
    std::uint64_t sum = kProcess + (config.database.embedded ? kEmbeddedStore : 0);
    for (const auto role : roles) {
        sum += kRole;
        if (!config.database.embedded)
            sum += traits(role).database_pools * (config.database.pool_size + 1);
        if (needs(role, Need::queue))
            sum += kBroker;
    }
    return sum;
}

std::uint64_t of_role(Role role, const ConnectionBounds& bounds) {
    return (traits(role).serves ? bounds.served : bounds.health) + (needs(role, Need::provider) ? bounds.provider : 0) +
           (needs(role, Need::receipts) ? bounds.receipts : 0);
}

std::uint64_t total(std::span<const Role> roles, const ConnectionBounds& bounds) {
    std::uint64_t sum = 0;
    for (const auto role : roles)
        sum += of_role(role, bounds);
    return sum;
}

} // namespace

ConnectionBounds wanted_connections(const Config& config) {
    const auto served = config.http.max_connections > 0 ? config.http.max_connections : kServedByDefault;
    return {.served = served,
            .health = std::min(served, kHealth),
            .provider = config.worker.connections,
            .receipts = config.mock.receipt_connections};
}

ConnectionBounds fitting_connections(std::span<const Role> roles, const Config& config, std::uint64_t limit) {
    const auto others = fixed(roles, config);
    const auto room = limit > others ? limit - others : 0;
    auto bounds = wanted_connections(config);
    const auto servers =
        static_cast<std::uint64_t>(std::ranges::count_if(roles, [](Role role) { return traits(role).serves; }));
    if (total(roles, bounds) > room && servers > 0) {
        const auto rest = total(roles, bounds) - servers * bounds.served;
        const auto share = room > rest ? (room - rest) / servers : 0;
        bounds.served = std::min(bounds.served, std::max(share, kServedAtLeast));
    }
    if (const auto asked = total(roles, bounds); asked > room)
        for (auto* const bound : {&bounds.served, &bounds.health, &bounds.provider, &bounds.receipts})
            *bound = std::min(*bound, std::max(*bound * room / asked, kAtLeast));
    return bounds;
}

Config with_bounds(Config config, Role role, const ConnectionBounds& bounds) {
    config.http.max_connections = traits(role).serves ? bounds.served : bounds.health;
    config.worker.connections = bounds.provider;
    config.mock.receipt_connections = bounds.receipts;
    return config;
}

void warn_of_bounds(const ConnectionBounds& wanted, const ConnectionBounds& fitting, const Config& config,
                    std::uint64_t limit) {
    const auto warn = [&](std::string_view key, std::uint64_t asked, std::uint64_t used) {
        if (used < asked)
            log::warn("bound_lowered", {{"key", key}, {"from", asked}, {"to", used}, {"descriptors", limit}});
    };
    if (config.http.max_connections > 0)
        warn("HTTP_MAX_CONNECTIONS", wanted.served, fitting.served);
    warn("WORKER_CONNECTIONS", wanted.provider, fitting.provider);
    warn("MOCK_RECEIPT_CONNECTIONS", wanted.receipts, fitting.receipts);
    log::info("descriptors", {{"limit", limit}, {"http_max_connections", fitting.served}});
}

} // namespace smsbcast::config
