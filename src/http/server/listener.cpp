#include "listener.hpp"

#include "../stream/tcp_info.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <algorithm>
#include <vector>

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

tcp::endpoint choose_address(std::span<const tcp::endpoint> found) {
    const auto is_v4 = [](const tcp::endpoint& endpoint) { return endpoint.address().is_v4(); };
    const auto first = std::ranges::find_if(found, is_v4);
    return first != found.end() ? *first : found.front();
}

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
    std::vector<tcp::endpoint> addresses;
    for (const auto& entry : found)
        addresses.push_back(entry.endpoint());
    return open(acceptor, choose_address(addresses));
}

// Of a listening socket Linux tells in this field the length of its queue.
std::size_t waiting_connections(Acceptor& acceptor) {
    return info_of(acceptor.native_handle()).tcpi_unacked;
}

} // namespace smsbcast::http
