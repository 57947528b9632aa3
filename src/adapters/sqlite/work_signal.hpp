#pragma once

#include "shard_link.hpp"

#include "smsbcast/runtime/wakeup.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace smsbcast::adapters::sqlite {

/// One waiter for work, on its shard. A signal that came while nobody waited ends the next wait at
/// once.
class WorkWaiter : public std::enable_shared_from_this<WorkWaiter> {
public:
    WorkWaiter(runtime::asio::io_context& shard, std::shared_ptr<ShardLink> link)
        : link_(std::move(link)), changed_(shard) {}

    /// On the shard.
    runtime::Awaitable<> wait(Deadline deadline);

    /// From any thread.
    void signal();

private:
    std::shared_ptr<ShardLink> link_;
    std::atomic<bool> on_its_way_ = false; ///< a signal was posted and has not arrived
    bool signalled_ = false;
    runtime::Wakeup changed_;
};

/// Wakes the waiters of every shard when tickets became due. From any thread.
class WorkSignal {
public:
    void add(const std::shared_ptr<WorkWaiter>& waiter);
    void notify();

private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<WorkWaiter>> waiters_;
};

} // namespace smsbcast::adapters::sqlite
