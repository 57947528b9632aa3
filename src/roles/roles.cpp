#include "smsbcast/roles/roles.hpp"

#include "make.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/config/connection_bounds.hpp"
#include "smsbcast/config/load.hpp"
#include "smsbcast/runtime/descriptor_limit.hpp"
#include "smsbcast/runtime/supervisor.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

namespace smsbcast::roles {

namespace {

void log_provider(bool is_mock, const config::Config& config) {
    if (is_mock)
        log::info("mock_provider_started",
                  {{"reason", "PROVIDER_URL is not given"},
                   {"address", config::to_string(config.http_addr[config::Role::mock_provider])}});
    else
        log::info("mock_provider_not_started", {{"reason", "PROVIDER_URL is given"}});
}

struct Ended {
    int exit_code;
    std::chrono::milliseconds stop_took;
};

// What the roles leave behind ends with this, an embedded store above all.
Ended run_supervised(std::span<const config::Role> roles, const config::Config& config) {
    const auto descriptors = runtime::raise_descriptor_limit();
    const auto bounds = config::fitting_connections(roles, config, descriptors);
    const Backend backend = make_backend(config);
    config::warn_of_bounds(config::wanted_connections(config), bounds, config, descriptors);
    std::map<config::Role, config::Config> configs;
    runtime::Supervisor supervisor(config.process.stop_grace);
    auto order = config::started(roles, config);
    if (roles.size() > 1)
        log_provider(order.size() == roles.size(), config);
    std::sort(order.begin(), order.end(), std::greater<>());
    for (const auto role : order) {
        const std::string name(config::to_string(role));
        const auto& own = configs.emplace(role, config::with_bounds(config, role, bounds)).first->second;
        supervisor.add(name, [role, &own, &backend](boost::asio::io_context& shard) {
            return std::make_unique<RoleHost>(shard, own, backend, role, kMakers[static_cast<std::size_t>(role)]);
        });
    }
    const int exit_code = supervisor.run();
    return {exit_code, supervisor.stop_took()};
}

} // namespace

int run(std::span<const config::Role> roles, const config::Config& config) {
    const auto ended = run_supervised(roles, config);
    log::write(ended.exit_code == 0 ? log::Level::info : log::Level::error, "stopped",
               {{"exit_code", ended.exit_code}, {"took_ms", std::chrono::nanoseconds(ended.stop_took)}});
    return ended.exit_code;
}

} // namespace smsbcast::roles
