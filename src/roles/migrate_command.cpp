#include "backend.hpp"
#include "once.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/roles/roles.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <fmt/core.h>

namespace smsbcast::roles {

using namespace std::chrono_literals;

using runtime::Awaitable;

namespace {

constexpr auto kBudget = 10min;
constexpr auto kPause = 200ms;

Awaitable<Result<void>> bring_up(Store& store, boost::asio::io_context& shard) {
    const auto deadline = Deadline::after(kBudget);
    for (;;) {
        const auto done = co_await store.migrate(deadline);
        if (done || done.error() != Errc::retry || deadline.passed())
            co_return done;
        co_await runtime::sleep_until(shard, Deadline::after(kPause)); // another one migrates
    }
}

// A store on the command's own loop, which ends with it.
template <class T>
T with_store(const config::Config& config, std::function<Awaitable<T>(Store&, boost::asio::io_context&)> act) {
    log::set_role("migrate");
    const auto backend = make_store_backend(config);
    std::unique_ptr<Store> store;
    return run_once<T>([&](boost::asio::io_context& shard) {
        store = backend->open(shard, "migrate");
        return act(*store, shard);
    });
}

std::string_view word(const MigrationState& state) {
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
    const auto done = with_store<Result<void>>(config, &bring_up);
    if (!done)
        return fail(done.error());
    fmt::print("the schema is up to date\n");
    return 0;
}

int migrate_status(const config::Config& config) {
    const auto states = with_store<Result<std::vector<MigrationState>>>(
        config, [](Store& store, boost::asio::io_context&) { return store.migrations(Deadline::after(kBudget)); });
    if (!states)
        return fail(states.error());
    for (const auto& state : *states)
        fmt::print("{:8} {}\n", word(state), state.name);
    return 0;
}

} // namespace smsbcast::roles
