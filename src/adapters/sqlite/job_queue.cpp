#include "job_queue.hpp"

namespace smsbcast::adapters::sqlite {

bool JobQueue::push(std::shared_ptr<Job> job) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= limit_)
            return false;
        jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
    return true;
}

void JobQueue::push_always(std::shared_ptr<Job> job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
}

std::shared_ptr<Job> JobQueue::pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    return take_first();
}

std::shared_ptr<Job> JobQueue::try_pop() {
    const std::lock_guard lock(mutex_);
    return take_first();
}

void JobQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    filled_.notify_all();
}

std::shared_ptr<Job> JobQueue::take_first() {
    if (jobs_.empty())
        return nullptr;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
}

} // namespace smsbcast::adapters::sqlite
