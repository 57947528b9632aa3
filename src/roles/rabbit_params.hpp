#pragma once

#include "smsbcast/adapters/rabbitmq/rabbitmq.hpp"
#include "smsbcast/config/config.hpp"

#include <fmt/format.h>

#include <string_view>

namespace smsbcast::roles {

inline adapters::rabbitmq::RabbitParams rabbit_params(const config::Config& config, std::string_view role) {
    return {.url = config.amqp.url.reveal(),
            .connection_name = fmt::format("smsbcast-{}", role),
            .prefetch = static_cast<int>(config.amqp.prefetch),
            .heartbeat = config.amqp.heartbeat,
            .confirm_timeout = config.amqp.confirm_timeout};
}

} // namespace smsbcast::roles
