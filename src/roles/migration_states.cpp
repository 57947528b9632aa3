#include "database_params.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"
#include "smsbcast/roles/backend.hpp"
#include "smsbcast/runtime/run_once.hpp"

#include <stdexcept>

namespace smsbcast::roles {

using namespace std::chrono_literals;

namespace {

using States = std::vector<schema::MigrationState>;

runtime::Awaitable<Result<States>> ask_postgres(boost::asio::io_context& shard, const config::Database& config) {
    auto database = adapters::postgres::make_database(shard, postgres_params(config, "migrate"));
    auto asking = adapters::postgres::migration_states(database, Deadline::after(10min));
    co_return co_await std::move(asking);
}

} // namespace

States migration_states(const config::Database& config) {
    if (config.embedded) {
        auto states = adapters::sqlite::migration_states({*config.embedded});
        if (!states)
            throw std::runtime_error(states.error().message);
        return std::move(*states);
    }
    auto states =
        runtime::run_once<Result<States>>([&](boost::asio::io_context& shard) { return ask_postgres(shard, config); });
    if (!states)
        throw std::runtime_error(fmt::format("migrate: {}", states.error().message()));
    return std::move(*states);
}

} // namespace smsbcast::roles
