#pragma once

#include "smsbcast/base/result.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace smsbcast::http {

/// Makes `acceptor` listen there; see Server::listen().
Result<void> open_listener(boost::asio::ip::tcp::acceptor& acceptor, const std::string& host, std::uint16_t port);

/// How many connections wait in the listen queue.
std::size_t waiting_connections(boost::asio::ip::tcp::acceptor& acceptor);

/// How long ago the client of a connection, on which nothing was received, came into the listen queue.
std::chrono::milliseconds age_of_silent(boost::asio::ip::tcp::socket& socket);

} // namespace smsbcast::http
