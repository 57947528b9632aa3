#include "call_watch.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace smsbcast::adapters::rabbitmq {

// The mutex is between the AMQP thread, which attaches and detaches, and the shard, which cuts: a
// descriptor that was closed a moment ago may be another file by now.
bool CallWatch::attach(int socket) {
    const std::lock_guard lock(mutex_);
    socket_ = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    // The stop came while the connection was being made. Its first call then fails in place of
    // waiting for its timeout.
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
    // The common case takes no lock: nothing is under way, or not for long. A relaxed load may be
    // late by one look, which only delays the cut.
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

// shutdown() wakes a thread that is blocked in send() or poll() on the same socket; close() would
// not, and would free the number.
void CallWatch::cut() {
    if (socket_ >= 0)
        ::shutdown(socket_, SHUT_RDWR);
}

} // namespace smsbcast::adapters::rabbitmq
