#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/steady_timer.hpp>

#include <list>

namespace smsbcast::runtime {

/// A condition variable for the coroutines of one shard. See ports/clock.hpp `Signal`, which it implements there.
class Wakeup {
public:
    explicit Wakeup(asio::io_context& shard) : shard_(shard) {}
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    /// True when it was notified, false when the deadline passed first.
    Awaitable<bool> wait(Deadline deadline);

    void notify_all();

    /// Resumes the one that has waited longest.
    void notify_one();

private:
    struct Waiter {
        asio::steady_timer timer;
        bool notified = false;
    };
    asio::io_context& shard_;
    std::list<Waiter*> waiters_;
};

/// Waits that long, or until `deadline` when that is earlier.
Awaitable<> sleep_until(asio::io_context& shard, Deadline deadline);

} // namespace smsbcast::runtime
