#pragma once

#include "smsbcast/runtime/task_group.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>

namespace smsbcast::roles {

/// Runs one coroutine on a loop of its own, for commands that are no roles.
template <class T>
T run_once(std::function<runtime::Awaitable<T>(boost::asio::io_context&)> make) {
    boost::asio::io_context shard{1};
    std::optional<T> result;
    runtime::TaskGroup tasks(shard);
    const auto keep = [&]() -> runtime::Awaitable<> {
        return [](auto& maker, auto& loop, auto& out) -> runtime::Awaitable<> {
            out = co_await maker(loop);
        }(make, shard, result);
    };
    tasks.spawn("command", keep);
    shard.run();
    return std::move(result).value();
}

} // namespace smsbcast::roles
