#pragma once

#include "smsbcast/runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>

namespace smsbcast::runtime {

/// Runs one coroutine on a loop of its own, for commands that are no roles. Blocks the calling
/// thread until it has ended; an exception in it ends the process (TaskGroup).
template <class T>
T run_once(std::function<Awaitable<T>(boost::asio::io_context&)> make) {
    boost::asio::io_context shard{1};
    std::optional<T> result;
    TaskGroup tasks(shard);
    const auto keep = [&]() -> Awaitable<> {
        return
            [](auto& maker, auto& loop, auto& out) -> Awaitable<> { out = co_await maker(loop); }(make, shard, result);
    };
    tasks.spawn("command", keep);
    shard.run();
    return std::move(result).value();
}

} // namespace smsbcast::runtime
