#pragma once

#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <functional>
#include <optional>
#include <string>
#include <thread>

namespace smsbcast::runtime {

/// One io_context, one thread. Whatever is made on a shard stays on it for life, so nothing of it needs a lock; what
/// crosses from another thread comes by asio::post.
class Shard {
public:
    /// `name` becomes the thread's name and the role of its log lines; at most 15 characters show in the system.
    explicit Shard(std::string name);
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    /// Joins the thread.
    ~Shard();

    asio::io_context& context() { return context_; }

    /// Starts the thread, whose last act is `ended`. An exception that leaves the loop is logged and ends the process.
    void start(std::function<void()> ended = [] {});

    /// Lets the loop end once nothing is left to do in it. Any thread.
    void release();

    /// Does what release() does, then waits for the thread. Do not call it from that thread.
    void join();

private:
    void run(const std::function<void()>& ended);

    std::string name_;
    asio::io_context context_{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::thread thread_;
};

} // namespace smsbcast::runtime
