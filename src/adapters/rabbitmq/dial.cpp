#include "dial.hpp"

#include "event_fd.hpp"

#include <cerrno>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace smsbcast::adapters::rabbitmq {

namespace {

// The buffer holds a full confirm window (1000 tickets of about 300 bytes), so that writing it
// never waits for the broker to read.
constexpr int kSendBuffer = 512 * 1024;

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

std::string system_text(int error) {
    return std::system_category().message(error);
}

void set_option(int socket, int level, int name, int value) {
    // An option may be refused (a sandbox, a smaller limit). The connection then still works, only
    // with less behind it.
    ::setsockopt(socket, level, name, &value, sizeof value);
}

void set_options(int socket, std::chrono::milliseconds unacknowledged) {
    set_option(socket, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
    // An idle peer that vanished is found by the heartbeat, and by this where the heartbeat does
    // not run.
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    // Nagle's algorithm would hold back the end of a burst until the broker has acknowledged what
    // came before.
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    // The kernel then resets a connection whose data stay unacknowledged, also behind a window that
    // the peer closed (RFC 5482). SO_SNDTIMEO has no effect here, since the library waits by
    // poll().
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(unacknowledged.count()));
}

/// Gives the error of the attempt when it has finished, and 0 when it is connected.
int await_connection(int socket, Deadline deadline, int stop_fd) {
    while (!deadline.passed()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left());
        pollfd fds[2] = {{socket, POLLOUT, 0}, {stop_fd, POLLIN, 0}};
        ::poll(fds, 2, static_cast<int>(left.count()));
        if (fds[1].revents != 0)
            return ECANCELED;
        if (fds[0].revents != 0) {
            // A socket becomes writable also when connecting failed; SO_ERROR holds the outcome
            // (connect(2), EINPROGRESS).
            int error = 0;
            socklen_t size = sizeof error;
            ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
            return error;
        }
    }
    return ETIMEDOUT;
}

} // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
    // The old descriptor is closed by `other`.
    std::swap(fd_, other.fd_);
    return *this;
}

UniqueFd::~UniqueFd() {
    if (fd_ >= 0)
        ::close(fd_);
}

Dialed dial(const Endpoint& endpoint, std::chrono::milliseconds budget, std::chrono::milliseconds unacknowledged,
            int stop_fd) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int lookup = ::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found);
    if (lookup != 0)
        return {UniqueFd(), std::string("name lookup: ") + ::gai_strerror(lookup)};
    const Addresses addresses(found, &::freeaddrinfo);
    int left = 0;
    for (const addrinfo* at = found; at; at = at->ai_next)
        ++left;
    std::string fault = "the name has no address";
    const auto deadline = Deadline::after(budget); // a slow name server does not count
    for (const addrinfo* at = found; at && !is_readable(stop_fd); at = at->ai_next, --left) {
        // Each address gets a share of the time that is left, so that one that swallows packets
        // does not hide the good one behind it.
        const auto share = Deadline::after(deadline.left() / left);
        UniqueFd socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
        int error = socket ? 0 : errno;
        if (error == 0) {
            set_options(socket.get(), unacknowledged);
            error = ::connect(socket.get(), at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
            if (error == EINPROGRESS)
                error = await_connection(socket.get(), share, stop_fd);
        }
        if (error == 0)
            return {std::move(socket), {}};
        fault = "connect: " + system_text(error);
    }
    return {UniqueFd(), std::move(fault)};
}

} // namespace smsbcast::adapters::rabbitmq
