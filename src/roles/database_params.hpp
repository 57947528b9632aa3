#pragma once

#include "smsbcast/adapters/postgres/postgres.hpp"
#include "smsbcast/config/config.hpp"

#include <fmt/format.h>

#include <string_view>

namespace smsbcast::roles {

inline adapters::postgres::PostgresParams postgres_params(const config::Database& config, std::string_view role) {
    return {.url = config.url.reveal(),
            .pool_size = config.pool_size,
            .application_name = fmt::format("smsbcast/{}", role), // adoption.cpp knows older releases by theirs
            .schema = config.schema,
            .adopts_tables = config.schema == config::Database().schema,
            .connect_timeout = config.connect_timeout,
            .statement_timeout = config.statement_timeout,
            .lock_timeout = config.lock_timeout};
}

} // namespace smsbcast::roles
