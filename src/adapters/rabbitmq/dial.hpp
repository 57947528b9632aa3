#pragma once

#include "endpoint.hpp"

#include "smsbcast/base/deadline.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace smsbcast::adapters::rabbitmq {

/// Owns a descriptor.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept;
    ~UniqueFd();

    int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

struct Dialed {
    UniqueFd socket;   ///< non-blocking and connected, or none
    std::string fault; ///< of the last address that was tried
};

/// Connects to the first address of the name that answers, or gives up at the deadline or once `stop_fd` is readable.
/// `unacknowledged` bounds how long what we sent may stay without the peer's acknowledgement, a closed window included.
/// Looking a name up is the one thing here that only the system's resolver bounds.
Dialed dial(const Endpoint& endpoint, std::chrono::milliseconds budget, std::chrono::milliseconds unacknowledged,
            int stop_fd);

} // namespace smsbcast::adapters::rabbitmq
