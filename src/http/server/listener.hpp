#pragma once

#include "smsbcast/base/result.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace smsbcast::http {

/// Gives sockets of the same concrete executor as ByteStream takes.
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// The one of a name's addresses to listen at: the first of IPv4, since whoever knows the number of `localhost` means
/// that one; else the first. At least one is given.
boost::asio::ip::tcp::endpoint choose_address(std::span<const boost::asio::ip::tcp::endpoint> found);

/// Makes `acceptor` listen there; see Server::listen().
Result<void> open_listener(Acceptor& acceptor, const std::string& host, std::uint16_t port);

/// How many connections wait in the listen queue.
std::size_t waiting_connections(Acceptor& acceptor);

} // namespace smsbcast::http
