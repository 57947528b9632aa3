#include "work_signal.hpp"

namespace smsbcast::adapters::sqlite {

runtime::Awaitable<> WorkWaiter::wait(Deadline deadline) {
    const auto self = shared_from_this();
    if (!signalled_)
        co_await changed_.wait(deadline);
    signalled_ = false;
}

void WorkWaiter::signal() {
    if (on_its_way_.exchange(true))
        return;
    link_->post([self = shared_from_this()] {
        self->on_its_way_ = false;
        self->signalled_ = true;
        self->changed_.notify_all();
    });
}

void WorkSignal::add(const std::shared_ptr<WorkWaiter>& waiter) {
    const std::lock_guard lock(mutex_);
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
