#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace smsbcast::http {

/// What the system knows of a TCP socket; zeros when it tells nothing.
inline tcp_info info_of(int socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return {};
    return info;
}

} // namespace smsbcast::http
