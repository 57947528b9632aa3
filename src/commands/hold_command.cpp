#include "hold_desk.hpp"
#include "store_call.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/commands/commands.hpp"
#include "smsbcast/config/since.hpp"

#include <fmt/core.h>

#include <optional>
#include <stdexcept>

namespace smsbcast::commands {

namespace {

constexpr int kFailed = 1, kWrongUsage = 2;

} // namespace

int hold(const std::optional<std::string>& because, const config::LoadResult& loaded) {
    log::set_role("hold");
    const auto config = for_store(loaded);
    std::optional<Hold> before, held;
    try {
        const auto desk = make_hold_desk(config);
        before = desk->held();
        held = desk->hold(because.value_or("by hand"));
    } catch (const std::runtime_error& error) {
        rethrow_with_hint(error, loaded, config);
    }
    if (before)
        fmt::print("{} was held already, since {}: {}.\n", store_name(config), to_rfc3339(held->since), held->because);
    else
        fmt::print("{} is held: within two seconds nothing goes out any more; broadcasts are still accepted, and "
                   "receipts applied.\n",
                   store_name(config));
    fmt::print("`smsbcast release` lets everything go on.\n");
    return 0;
}

int release(const std::optional<std::string>& assume_sent, const config::LoadResult& loaded) {
    log::set_role("release");
    std::optional<Timestamp> since;
    if (assume_sent) {
        const auto read = config::read_since(*assume_sent, wall_clock());
        if (const auto* wrong = std::get_if<std::string>(&read)) {
            fmt::print(stderr, "smsbcast release: --assume-sent {} {}\n", *assume_sent, *wrong);
            return kWrongUsage;
        }
        since = std::get<Timestamp>(read);
    }
    const auto config = for_store(loaded);
    Released released;
    try {
        released = make_hold_desk(config)->release(since);
    } catch (const std::runtime_error& error) {
        rethrow_with_hint(error, loaded, config);
    }
    if (!released.was_held && since) {
        fmt::print(stderr,
                   "smsbcast release: {} is not held, so what waits is going out, and none of it was assumed sent: run "
                   "smsbcast hold first\n",
                   store_name(config));
        return kFailed;
    }
    if (!released.was_held)
        fmt::print("{} was not held: nothing was changed.\n", store_name(config));
    else if (!since)
        fmt::print("{} is released: everything goes on, and what waits goes out.\n", store_name(config));
    else
        fmt::print("{} is released: {} messages that may have been sent after {} are not sent again. Each is `unknown` "
                   "until a receipt comes, and `sent` where none came within PROVIDER_RESOLVE_WITHIN.\n",
                   store_name(config), released.assumed_sent, to_rfc3339(*since));
    return 0;
}

} // namespace smsbcast::commands
