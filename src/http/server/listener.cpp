#include "listener.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace smsbcast::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

Result<void> open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor = tcp::acceptor(acceptor.get_executor());
    const auto step = [&](auto&& act) {
        if (!error)
            act();
    };
    acceptor.open(endpoint.protocol(), error);
    step([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
    if (endpoint.address().is_v6())
        step([&] { acceptor.set_option(asio::ip::v6_only(false), error); });
    step([&] { acceptor.bind(endpoint, error); });
    step([&] { acceptor.listen(asio::socket_base::max_listen_connections, error); });
    step([&] { acceptor.non_blocking(true, error); });
    if (error)
        return error;
    return {};
}

tcp_info info_of(int socket) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return {};
    return info;
}

} // namespace

Result<void> open_listener(tcp::acceptor& acceptor, const std::string& host, std::uint16_t port) {
    if (host.empty()) { // one socket for both families, where the system has IPv6
        auto opened = open(acceptor, {asio::ip::address_v6::any(), port});
        return opened ? opened : open(acceptor, {asio::ip::address_v4::any(), port});
    }
    boost::system::error_code error;
    const auto found =
        tcp::resolver(acceptor.get_executor()).resolve(host, std::to_string(port), tcp::resolver::passive, error);
    if (error)
        return error;
    return open(acceptor, *found.begin());
}

// Of a listening socket Linux tells in this field the length of its queue.
std::size_t waiting_connections(tcp::acceptor& acceptor) {
    return info_of(acceptor.native_handle()).tcpi_unacked;
}

// The last that came from a silent client is the end of its handshake.
std::chrono::milliseconds age_of_silent(tcp::socket& socket) {
    return std::chrono::milliseconds(info_of(socket.native_handle()).tcpi_last_ack_recv);
}

} // namespace smsbcast::http
