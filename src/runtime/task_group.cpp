#include "smsbcast/runtime/task_group.hpp"

#include "smsbcast/base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>

namespace smsbcast::runtime {

namespace {

// Boost 1.81 loses the completion handler of a coroutine that never suspends while it is cancelled.
// The post makes every task suspend once, and moves its first step out of spawn().
Awaitable<> enter(std::function<Awaitable<>()> make) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    co_await make();
}

} // namespace

TaskGroup::TaskGroup(asio::io_context& shard) : shard_(shard), idle_(std::make_shared<asio::steady_timer>(shard)) {}

TaskGroup::~TaskGroup() {
    if (names_.empty())
        return;
    for (const auto& [id, name] : names_)
        log::error("task_left_behind", {{"task", name}});
    // A task that outlives its group would touch what is being destroyed. Ending here shows the bug
    // at its place, by the name of the task.
    std::terminate();
}

void TaskGroup::spawn(std::string name, std::function<Awaitable<>()> make) {
    const auto id = next_id_++;
    names_.emplace(id, std::move(name));
    asio::co_spawn(shard_, enter(std::move(make)),
                   [this, id](const std::exception_ptr& failure) { finished(id, failure); });
}

void TaskGroup::finished(std::uint64_t id, const std::exception_ptr& failure) {
    const auto task = names_.extract(id);
    if (failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& error) {
            log::error("task_failed", {{"task", task.mapped()}, {"reason", error.what()}});
        }
        // The owner of the task relies on it (a lease is renewed, a socket is read). Going on
        // without it would be worse than a restart.
        std::terminate();
    }
    if (names_.empty())
        idle_->cancel();
}

Awaitable<bool> TaskGroup::join(Deadline deadline) {
    const auto idle = idle_; // the group may be destroyed by whoever sees it empty first
    while (!names_.empty()) {
        if (deadline.passed()) {
            for (const auto& [id, name] : names_)
                log::warn("task_still_running", {{"task", name}});
            co_return false;
        }
        // Several may join at once: a new expiry wakes those that wait, and each looks again.
        idle->expires_at(deadline.at());
        co_await idle->async_wait(use_result);
    }
    co_return true;
}

} // namespace smsbcast::runtime
