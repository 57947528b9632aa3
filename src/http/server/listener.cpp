#include "listener.hpp"

#include "../stream/tcp_info.hpp"

#include <boost/asio/ip/v6_only.hpp>

namespace smsbcast::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

Result<void> open(Acceptor& acceptor, const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor = Acceptor(acceptor.get_executor());
    const auto step = [&](auto&& act) {
        if (!error)
            act();
    };
    acceptor.open(endpoint.protocol(), error);
    step([&] { acceptor.set_option(Acceptor::reuse_address(true), error); });
    if (endpoint.address().is_v6())
        step([&] { acceptor.set_option(asio::ip::v6_only(false), error); });
    step([&] { acceptor.bind(endpoint, error); });
    step([&] { acceptor.listen(asio::socket_base::max_listen_connections, error); });
    step([&] { acceptor.non_blocking(true, error); });
    if (error)
        return error;
    return {};
}

} // namespace

Result<void> open_listener(Acceptor& acceptor, const std::string& host, std::uint16_t port) {
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
std::size_t waiting_connections(Acceptor& acceptor) {
    return info_of(acceptor.native_handle()).tcpi_unacked;
}

} // namespace smsbcast::http
