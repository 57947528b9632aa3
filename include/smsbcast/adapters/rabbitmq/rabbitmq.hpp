#pragma once

#include "smsbcast/base/uuid.hpp"
#include "smsbcast/ports/message_queue.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace smsbcast::adapters::rabbitmq {

/// The settings of one connection in one direction.
struct RabbitParams {
    std::string url = "amqp://guest:guest@localhost:5672/"; ///< amqp://user:password@host:port/vhost, percent-encoded
    std::string connection_name = "smsbcast";               ///< how the broker's tools show it
    std::string role{};         ///< of the log lines of its thread; empty: the connection's name
    Uuid installation{};        ///< whose tickets these are; not nil. A consumer refuses those of any other
    std::string queue_prefix{}; ///< up to 200 letters, digits, `.`, `_`, `-`; empty: that of default_prefix()
    int prefetch = 8;           ///< 1 to 65535 tickets that a consumer holds unacknowledged

    std::chrono::milliseconds heartbeat{10000};       ///< 1 s to 1 h; a silent broker is given up after two
    std::chrono::milliseconds connect_timeout{5000};  ///< for each of: connecting, logging in, each request after it
    std::chrono::milliseconds confirm_timeout{10000}; ///< a connection that owes a confirm for longer is replaced
    std::chrono::milliseconds call_timeout{8000};     ///< a library call that hangs for longer has its socket cut
};

/// The reason why the URL cannot be used, as a sentence that says nothing of its password; empty
/// when it can be used. Pure.
std::string check_amqp_url(std::string_view url);

/// `smsbcast.` and the last twelve hexadecimal digits of the id, which are random in every version
/// that we make. So installations on one vhost do not meet, nor does one meet another program.
std::string default_prefix(const Uuid& installation);

/// Starts connecting at once, on a thread of its own; state() or connected() says when the
/// connection is there. An empty vhost means `/`.
///
/// Throws std::invalid_argument with the sentence of check_amqp_url(), or when another parameter is
/// out of bounds. The context must outlive the result. Destroying it without stop() waits for its
/// thread.
std::unique_ptr<TicketPublisher> make_ticket_publisher(boost::asio::io_context& shard, RabbitParams params);
std::unique_ptr<TicketConsumer> make_ticket_consumer(boost::asio::io_context& shard, RabbitParams params);

} // namespace smsbcast::adapters::rabbitmq
