#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace smsbcast::runtime {

/// The only place where coroutines are spawned. Each task has a name and is joined before its group dies; one that ends
/// by an exception is logged and ends the process, since its owner can no longer keep its promise.
///
/// Tasks are ended by their owners' own means (a flag and a signal, a closed socket), never by Asio's cancellation,
/// which Boost 1.81 does not get right for co_spawn. Belongs to one shard.
class TaskGroup {
public:
    explicit TaskGroup(asio::io_context& shard);
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;

    /// Terminates the process when a task is still running.
    ~TaskGroup();

    /// Starts `task` from the shard's loop, not from inside this call. `make` is called then; it must return the
    /// awaitable of a function (g++ 12 mishandles temporaries inside a co_await).
    void spawn(std::string name, std::function<Awaitable<>()> make);

    std::size_t running() const { return names_.size(); }

    /// Waits until no task runs. False when the deadline passed first; the names of those left are logged.
    Awaitable<bool> join(Deadline deadline);

private:
    void finished(std::uint64_t id, const std::exception_ptr& failure);

    asio::io_context& shard_;
    std::uint64_t next_id_ = 0;
    std::map<std::uint64_t, std::string> names_;
    std::shared_ptr<asio::steady_timer> idle_;
};

} // namespace smsbcast::runtime
