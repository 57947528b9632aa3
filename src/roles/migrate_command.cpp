#include "backend.hpp"
#include "database_params.hpp"
#include "once.hpp"

#include "smsbcast/adapters/sqlite/sqlite.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/roles/roles.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <fmt/core.h>

#include <stdexcept>

namespace smsbcast::roles {

using namespace std::chrono_literals;

using runtime::Awaitable;

namespace {

constexpr auto kBudget = 10min;
constexpr auto kPause = 200ms;

Awaitable<Result<void>> bring_up(const StoreBackend& backend, boost::asio::io_context& shard) {
    const auto store = backend.open(shard, "migrate"); // must not outlive the loop that it lives on
    const auto deadline = Deadline::after(kBudget);
    for (;;) {
        const auto done = co_await store->migrate(deadline);
        if (done || done.error() != Errc::retry || deadline.passed())
            co_return done;
        co_await runtime::sleep_until(shard, Deadline::after(kPause)); // another one migrates
    }
}

Awaitable<Result<std::vector<runtime::MigrationState>>> ask_postgres(boost::asio::io_context& shard,
                                                                     const config::Database& config) {
    auto database = adapters::postgres::make_database(shard, postgres_params(config, "migrate"));
    auto asking = adapters::postgres::migration_states(database, Deadline::after(kBudget));
    co_return co_await std::move(asking);
}

std::vector<runtime::MigrationState> states_of(const config::Database& config) {
    if (config.embedded) {
        auto states = adapters::sqlite::migration_states({*config.embedded});
        if (!states)
            throw std::runtime_error(states.error().message);
        return std::move(*states);
    }
    auto states = run_once<Result<std::vector<runtime::MigrationState>>>(
        [&](boost::asio::io_context& shard) { return ask_postgres(shard, config); });
    if (!states)
        throw std::runtime_error(fmt::format("migrate: {}", states.error().message()));
    return std::move(*states);
}

} // namespace

int migrate_up(const config::Config& config) {
    log::set_role("migrate");
    const auto backend = make_store_backend(config);
    const auto done = run_once<Result<void>>([&](boost::asio::io_context& shard) { return bring_up(*backend, shard); });
    if (!done)
        throw std::runtime_error(fmt::format("migrate: {}", done.error().message()));
    fmt::print("the schema is up to date\n");
    return 0;
}

int migrate_status(const config::Config& config) {
    log::set_role("migrate");
    for (const auto& state : states_of(config.database))
        fmt::print("{:8} {}\n", runtime::to_string(state.standing), state.name);
    return 0;
}

} // namespace smsbcast::roles
