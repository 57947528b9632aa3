#pragma once

namespace smsbcast::adapters::rabbitmq {

/// A flag that poll() can wait for. signal() may come from any thread.
class EventFd {
public:
    /// Throws std::system_error when the process is out of descriptors.
    EventFd();
    EventFd(const EventFd&) = delete;
    EventFd& operator=(const EventFd&) = delete;
    ~EventFd();

    void signal();
    void clear();
    int fd() const { return fd_; }

private:
    int fd_;
};

/// Waits until one of them is readable (or its peer is gone) or the time is over; negative descriptors are left out.
void wait_readable(int first, int second, int third, int milliseconds);

bool is_readable(int fd);

} // namespace smsbcast::adapters::rabbitmq
