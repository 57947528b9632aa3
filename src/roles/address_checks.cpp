#include "smsbcast/roles/roles.hpp"

#include "smsbcast/adapters/http_provider/http_provider.hpp"
#include "smsbcast/adapters/postgres/postgres.hpp"
#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"

#include <algorithm>

namespace smsbcast::roles {

using config::Role;

std::vector<std::string> address_mistakes(std::span<const Role> roles, const config::Config& config) {
    std::vector<std::string> mistakes;
    const auto any_needs = [&](config::Need need) {
        return std::ranges::any_of(roles, [&](Role role) { return config::needs(role, need); });
    };
    const auto note = [&](std::string_view name, const std::string& wrong) {
        if (!wrong.empty())
            mistakes.push_back(std::string(name) + ": " + wrong);
    };
    if (any_needs(config::Need::store) && !config.database.embedded)
        note("DATABASE_URL", adapters::postgres::check_url(config.database.url.reveal()));
    if (any_needs(config::Need::queue) && !config.amqp.in_process)
        note("AMQP_URL", adapters::rabbitmq::check_amqp_url(config.amqp.url.reveal()));
    if (any_needs(config::Need::provider)) {
        note("PROVIDER_URL", adapters::http_provider::check_base_url(config.provider.url.reveal()));
        note("DLR_WEBHOOK_URL", adapters::http_provider::check_webhook_url(config.dlr.webhook_url));
    }
    return mistakes;
}

} // namespace smsbcast::roles
