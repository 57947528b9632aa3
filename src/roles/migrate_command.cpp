#include "frame.hpp"
#include "once.hpp"

#include "smsbcast/roles/roles.hpp"

#include <fmt/core.h>

namespace smsbcast::roles {

namespace pg = adapters::postgres;
using namespace std::chrono_literals;

namespace {

constexpr auto kBudget = 10min;

Awaitable<Result<void>> bring_up(std::shared_ptr<pg::Database> database) {
    co_return co_await pg::migrate(database, Deadline::after(kBudget));
}

Awaitable<Result<std::vector<runtime::MigrationState>>> read_states(std::shared_ptr<pg::Database> database) {
    co_return co_await pg::migration_states(database, Deadline::after(kBudget));
}

std::string_view word(const runtime::MigrationState& state) {
    if (!state.applied)
        return "pending";
    return state.changed ? "changed" : "applied";
}

int fail(const boost::system::error_code& error) {
    fmt::print(stderr, "smsbcast migrate: {}\n", error.message());
    return 1;
}

} // namespace

int migrate_up(const config::Config& config) {
    const auto done = run_once<Result<void>>([&](boost::asio::io_context& shard) {
        return bring_up(pg::make_database(shard, postgres_params(config, "migrate")));
    });
    if (!done)
        return fail(done.error());
    fmt::print("the schema is up to date\n");
    return 0;
}

int migrate_status(const config::Config& config) {
    const auto states = run_once<Result<std::vector<runtime::MigrationState>>>([&](boost::asio::io_context& shard) {
        return read_states(pg::make_database(shard, postgres_params(config, "migrate")));
    });
    if (!states)
        return fail(states.error());
    for (const auto& state : *states)
        fmt::print("{:8} {}\n", word(state), state.name);
    return 0;
}

} // namespace smsbcast::roles
