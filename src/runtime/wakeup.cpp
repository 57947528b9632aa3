#include "smsbcast/runtime/wakeup.hpp"

namespace smsbcast::runtime {

Awaitable<bool> Wakeup::wait(Deadline deadline) {
    Waiter waiter{asio::steady_timer(shard_, deadline.at())};
    // The waiter lives in the coroutine's frame, and the list points to it: waiting allocates a
    // list node and a timer.
    const auto place = waiters_.insert(waiters_.end(), &waiter);
    co_await waiter.timer.async_wait(use_result);
    // A notifier has taken the waiter off the list already.
    if (!waiter.notified)
        waiters_.erase(place);
    co_return waiter.notified;
}

void Wakeup::notify_all() {
    while (!waiters_.empty())
        notify_one();
}

void Wakeup::notify_one() {
    if (waiters_.empty())
        return;
    Waiter* const waiter = waiters_.front();
    waiters_.pop_front();
    waiter->notified = true;
    // A timer that has expired already completes without this. The flag then tells its waiter all
    // the same.
    waiter->timer.cancel();
}

Awaitable<> sleep_until(asio::io_context& shard, Deadline deadline) {
    asio::steady_timer timer(shard, deadline.at());
    co_await timer.async_wait(use_result);
}

} // namespace smsbcast::runtime
