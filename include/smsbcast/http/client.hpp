#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/http/byte_stream.hpp"
#include "smsbcast/http/header.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::http {

namespace asio = boost::asio;

using runtime::Awaitable;

struct ClientOptions {
    std::string host = "localhost"; ///< a name, `localhost`, or an address; an IPv6 address stands without its brackets
    std::uint16_t port = 80;
    std::string host_header{};                         ///< `example.org:9090`; empty: made from host and port
    std::size_t connections = 64;                      ///< 1 to 4096, kept alive
    std::chrono::milliseconds connect_timeout{5000};   ///< for all addresses of the name together
    std::chrono::milliseconds idle_timeout{30000};     ///< an idle connection is closed after this, or earlier when
                                                       ///< the peer's `Keep-Alive: timeout=` says so
    std::chrono::milliseconds settle{20};              ///< a connection of an origin that has not yet kept one is used
                                                       ///< again after this at the earliest
    std::chrono::milliseconds address_lifetime{30000}; ///< what a name stands for is looked up again after this
    std::size_t max_response_bytes = 64 * 1024;        ///< head and body each
};

struct ClientRequest {
    std::string_view method = "POST";
    std::string_view target = "/";
    std::span<const Header> headers{}; ///< besides Host, User-Agent, Content-Type, Content-Length
    std::string_view content_type{};   ///< empty: no such header
    std::string_view body{};
    Deadline start_before{Deadline::Clock::time_point::max()}; ///< not written any more after this
};

struct ClientResponse {
    int status = 0;
    std::string retry_after; ///< the header's text, empty when it is not there
    std::string body;
};

/// How far an exchange got that did not end with a complete answer. What decides whether it may be repeated.
enum class ClientFailure {
    not_sent,  ///< the system's socket took no byte of the request: certainly not received
    uncertain, ///< some byte was taken, and the connection ended, timed out or answered with garbage
};

/// The code of a request whose `start_before` passed while it waited for a connection.
inline constexpr std::string_view kTooLate = "too_late";

/// Codes of `not_sent`: too_late, invalid_request (a character that would break out of its field), closed (by close()
/// or cut()), timeout (no connection was free, or none was made, before the deadline), name_lookup, connect_refused,
/// connect_timeout, unreachable, connect_failed, reset. Codes of `uncertain`: timeout, closed (by the peer, before or
/// within its answer, or by cut()), reset, bad_answer, too_large.
struct ClientError {
    ClientFailure failure = ClientFailure::uncertain;
    std::string code;
    std::string message;       ///< a sentence without personal data
    int status = 0;            ///< of an answer whose head came whole before the rest failed; 0 without one
    std::string retry_after{}; ///< likewise
};

struct ClientExchange {
    std::variant<ClientResponse, ClientError> result;
};

/// A bounded pool of keep-alive HTTP/1.1 connections to one origin. Belongs to one shard.
///
/// A connection that the peer closed while it was idle is noticed before it is used again (its socket is readable), so
/// that a request is not written into it; a request of which any byte was written is never repeated here. A peer that
/// closes connections right after an answer, unsaid, is found out by using one again carefully, before all are; the
/// others are new ones then (ReusePolicy). Exchanges that find no free connection are served in the order in which they
/// came.
class Client {
public:
    /// @param streams makes the stream of each connection that was made; `connect_timeout` holds for its handshake too
    Client(asio::io_context& shard, ClientOptions options, StreamFactory streams = make_tcp_stream);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// close(); exchanges under way go on without the client.
    ~Client();

    /// Waits for a free connection, connects when needed, exchanges. Every wait in it ends at the deadline; a name
    /// look-up that takes longer goes on without it and serves the next.
    /// What the views in `request` show must live until it returns.
    Awaitable<ClientExchange> exchange(ClientRequest request, Deadline deadline);

    /// Closes idle connections; later exchanges fail as not_sent, and so do those that still wait for a connection.
    /// Those that have one go on. A name look-up under way keeps the shard's loop alive until the resolver gives up.
    void close();

    /// close(), and ends those under way as well, with the code `closed`.
    void cut();

private:
    class Pool;
    std::shared_ptr<Pool> pool_;
};

} // namespace smsbcast::http
