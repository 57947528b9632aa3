#include "smsbcast/runtime/shard.hpp"

#include "smsbcast/base/log.hpp"

#include <cstdlib>

#include <pthread.h>

namespace smsbcast::runtime {

Shard::Shard(std::string name) : name_(std::move(name)), work_(asio::make_work_guard(context_)) {}

Shard::~Shard() {
    join();
}

void Shard::start(std::function<void()> ended) {
    thread_ = std::thread([this, ended = std::move(ended)] { run(ended); });
}

void Shard::run(const std::function<void()>& ended) {
    ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
    log::set_role(name_);
    try {
        context_.run();
    } catch (const std::exception& error) {
        log::error("shard_failed", {{"reason", error.what()}});
        std::abort();
    }
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
