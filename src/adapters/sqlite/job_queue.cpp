#include "job_queue.hpp"

namespace smsbcast::adapters::sqlite {

// Shards call this and must never wait, so a full queue is an answer and not a wait.
bool JobQueue::push(std::shared_ptr<Job> job) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= limit_)
            return false;
        jobs_.push_back(std::move(job));
    }
    // The mutex is free here, so the thread that wakes up does not run into it at once.
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
    // A closed queue still gives out what is in it; only then does null end the thread.
    filled_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    return take_first();
}

std::shared_ptr<Job> JobQueue::try_pop() {
    // The writer asks this while it gathers a group, and must not wait for more: a job alone is
    // committed at once.
    const std::lock_guard lock(mutex_);
    return take_first();
}

void JobQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    // Each thread has to see that the queue is closed.
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
