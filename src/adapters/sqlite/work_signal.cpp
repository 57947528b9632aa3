#include "work_signal.hpp"

namespace smsbcast::adapters::sqlite {

runtime::Awaitable<> WorkWaiter::wait(Deadline deadline) {
    // The store may be destroyed while this coroutine waits.
    const auto self = shared_from_this();
    if (!signalled_)
        co_await changed_.wait(deadline);
    // A signal that came while nobody waited is used up here as well: the caller looks for work
    // after each wait.
    signalled_ = false;
}

void WorkWaiter::signal() {
    // A thousand commits before the shard gets to run are one post, so the shard's queue stays
    // short.
    if (on_its_way_.exchange(true))
        return;
    link_->post([self = shared_from_this()] {
        // This comes before the waiters are woken: a commit that follows must be able to post anew.
        self->on_its_way_ = false;
        self->signalled_ = true;
        self->changed_.notify_all();
    });
}

void WorkSignal::add(const std::shared_ptr<WorkWaiter>& waiter) {
    const std::lock_guard lock(mutex_);
    // Waiters of stores that are gone would pile up otherwise.
    std::erase_if(waiters_, [](const auto& known) { return known.expired(); });
    waiters_.push_back(waiter);
}

void WorkSignal::notify() {
    const std::lock_guard lock(mutex_);
    for (const auto& known : waiters_)
        if (const auto waiter = known.lock())
            waiter->signal();
}

} // namespace smsbcast::adapters::sqlite
