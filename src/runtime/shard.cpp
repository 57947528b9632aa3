#include "smsbcast/runtime/shard.hpp"

#include "smsbcast/base/log.hpp"

#include <cstdlib>

#include <pthread.h>

namespace smsbcast::runtime {

Shard::Shard(std::string name) : name_(std::move(name)), work_(asio::make_work_guard(context_)) {}

Shard::~Shard() {
    join();
}

void Shard::start() {
    thread_ = std::thread([this] { run(); });
}

void Shard::run() {
    ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
    log::set_role(name_);
    try {
        context_.run();
    } catch (const std::exception& error) {
        log::error("shard_failed", {{"reason", error.what()}});
        std::abort();
    }
}

void Shard::join() {
    work_.reset();
    if (thread_.joinable())
        thread_.join();
}

} // namespace smsbcast::runtime
