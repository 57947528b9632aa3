#include "smsbcast/base/log.hpp"
#include "smsbcast/commands/commands.hpp"
#include "smsbcast/roles/backend.hpp"
#include "smsbcast/runtime/run_once.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <fmt/core.h>

#include <stdexcept>

namespace smsbcast::commands {

using namespace std::chrono_literals;

using runtime::Awaitable;

namespace {

constexpr auto kBudget = 10min;
constexpr auto kPause = 200ms;

Awaitable<Result<void>> bring_up(const roles::StoreBackend& backend, boost::asio::io_context& shard) {
    const auto store = backend.open(shard, "migrate"); // must not outlive the loop that it lives on
    const auto deadline = Deadline::after(kBudget);
    for (;;) {
        const auto done = co_await store->migrate(deadline);
        if (done || done.error() != Errc::retry || deadline.passed())
            co_return done;
        co_await runtime::sleep_until(shard, Deadline::after(kPause)); // another one migrates
    }
}

} // namespace

int migrate_up(const config::Config& config) {
    log::set_role("migrate");
    const auto backend = roles::make_store_backend(config);
    const auto done =
        runtime::run_once<Result<void>>([&](boost::asio::io_context& shard) { return bring_up(*backend, shard); });
    if (!done)
        throw std::runtime_error(fmt::format("migrate: {}", done.error().message()));
    fmt::print("the schema is up to date\n");
    return 0;
}

int migrate_status(const config::Config& config) {
    log::set_role("migrate");
    for (const auto& state : roles::migration_states(config.database))
        fmt::print("{:8} {}\n", to_string(state.standing), state.name);
    return 0;
}

} // namespace smsbcast::commands
