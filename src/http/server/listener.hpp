#pragma once

#include "smsbcast/base/result.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace smsbcast::http {

/// Gives sockets of the same concrete executor as ByteStream takes.
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Makes `acceptor` listen there; see Server::listen().
Result<void> open_listener(Acceptor& acceptor, const std::string& host, std::uint16_t port);

/// How many connections wait in the listen queue.
std::size_t waiting_connections(Acceptor& acceptor);

} // namespace smsbcast::http
