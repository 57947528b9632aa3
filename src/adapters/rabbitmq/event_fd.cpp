#include "event_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace smsbcast::adapters::rabbitmq {

// Non-blocking, because clear() may find nothing, when two signals were taken by one clear.
EventFd::EventFd() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ < 0)
        throw std::system_error(errno, std::system_category(), "eventfd");
}

EventFd::~EventFd() {
    ::close(fd_);
}

void EventFd::signal() {
    const std::uint64_t one = 1;
    // A write fails only when the counter is full, and then the flag is up already.
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void EventFd::clear() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto taken = ::read(fd_, &count, sizeof count);
}

void wait_readable(int first, int second, int third, int milliseconds) {
    std::array<pollfd, 3> fds{{{first, POLLIN, 0}, {second, POLLIN, 0}, {third, POLLIN, 0}}};
    // Callers look at everything after each wake-up, so it does not matter which descriptor ended
    // the wait, or whether a signal did.
    ::poll(fds.data(), fds.size(), milliseconds);
}

bool is_readable(int fd) {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, 0) > 0;
}

} // namespace smsbcast::adapters::rabbitmq
