#pragma once

#include "job.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

namespace smsbcast::adapters::sqlite {

/// Jobs on their way to the threads that run them, in order. Bounded but for push_always(). From
/// any thread.
class JobQueue {
public:
    explicit JobQueue(std::size_t limit) : limit_(limit) {}

    /// False when as many jobs as the limit wait already.
    bool push(std::shared_ptr<Job> job);

    /// Pushes without a limit: for the few jobs that clean up after others.
    void push_always(std::shared_ptr<Job> job);

    /// Waits for a job. Null: the queue is closed, and nothing is left.
    std::shared_ptr<Job> pop();

    /// Null when no job is there.
    std::shared_ptr<Job> try_pop();

    /// Jobs that are in the queue are still popped.
    void close();

private:
    std::shared_ptr<Job> take_first();

    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::shared_ptr<Job>> jobs_;
    bool closed_ = false;
};

} // namespace smsbcast::adapters::sqlite
