#include "call_watch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace smsbcast::adapters::rabbitmq {

bool CallWatch::attach(int socket) {
    const std::lock_guard lock(mutex_);
    socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (cut_for_good_)
        cut();
    return socket_ >= 0;
}

void CallWatch::detach() {
    const std::lock_guard lock(mutex_);
    if (socket_ >= 0)
        ::close(socket_);
    socket_ = -1;
}

bool CallWatch::check(Clock::time_point now) {
    const auto since = since_.load(std::memory_order_relaxed);
    if (since == 0 || now - Clock::time_point(Clock::duration(since)) <= limit_)
        return false;
    const std::lock_guard lock(mutex_);
    if (socket_ < 0)
        return false;
    cut();
    return true;
}

void CallWatch::cut_for_good() {
    const std::lock_guard lock(mutex_);
    cut_for_good_ = true;
    cut();
}

void CallWatch::cut() {
    if (socket_ >= 0)
        ::shutdown(socket_, SHUT_RDWR);
}

} // namespace smsbcast::adapters::rabbitmq
