#include "smsbcast/runtime/shard.hpp"

#include "smsbcast/base/log.hpp"

#include <cstdlib>

#include <pthread.h>

namespace smsbcast::runtime {

// The work guard keeps the loop running while nothing is left to do in it; release() takes it away.
Shard::Shard(std::string name) : name_(std::move(name)), work_(asio::make_work_guard(context_)) {}

Shard::~Shard() {
    join();
}

void Shard::start(std::function<void()> ended) {
    thread_ = std::thread([this, ended = std::move(ended)] { run(ended); });
}

void Shard::run(const std::function<void()>& ended) {
    // Linux keeps 15 characters of a thread's name and refuses a longer one (ERANGE).
    ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
    log::set_role(name_);
    try {
        context_.run();
    } catch (const std::exception& error) {
        log::error("shard_failed", {{"reason", error.what()}});
        // An exception that reaches the loop is a bug: some object of this shard has broken its
        // promise, and nobody knows which. A restart recovers from the store; going on would not.
        std::abort();
    }
    // This runs on the shard's own thread, so whoever hears of it must still join.
    ended();
}

void Shard::release() {
    work_.reset();
}

void Shard::join() {
    release();
    if (thread_.joinable())
        thread_.join();
}

} // namespace smsbcast::runtime
