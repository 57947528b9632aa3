#pragma once

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/base/trace_context.hpp"
#include "smsbcast/domain/caller.hpp"
#include "smsbcast/http/byte_stream.hpp"
#include "smsbcast/http/header.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smsbcast::http {

namespace asio = boost::asio;

using runtime::Awaitable;

struct ServerLimits {
    std::size_t max_connections = 1024; ///< served at once; others wait in the listen queue
    std::size_t header_bytes = 16 * 1024;
    std::chrono::milliseconds header_timeout{10000};
    std::chrono::milliseconds body_timeout{60000};
    std::chrono::milliseconds idle_timeout{60000};
    std::chrono::milliseconds write_timeout{30000};
};

/// A request whose head was read. Views live as long as the handler runs.
struct Request {
    std::string_view method;
    std::string_view path;                   ///< percent-decoded, without the query
    std::string_view query;                  ///< as sent
    std::string_view content_type;           ///< lower case, without parameters
    std::string_view request_id;             ///< taken over or made
    std::vector<std::string> path_arguments; ///< what the `{}` of the route matched, percent-decoded
    std::string_view body;                   ///< whole; empty where a BodySink takes it
    std::span<const Header> headers;         ///< every field as sent, but for those of a chunked body's trailer
    asio::ip::address peer;                  ///< the other end of the connection: the client, or the last proxy
    std::optional<TraceContext> trace;       ///< the client's, where exactly one valid `traceparent` says so
    Caller caller;                           ///< Caller::anyone() unless the route's admission puts another one here

    /// The first field of that name, in any case; empty when there is none.
    std::string_view header(std::string_view name) const;
};

/// What goes wrong with an answer on purpose, for programs that test clients.
enum class ResponseFault {
    none,
    reset,     ///< no answer: the connection is reset
    truncated, ///< the head and half of the body, then the end of the connection
    no_answer, ///< no answer and no end, until the client goes or the server stops
};

/// Why an answer is a failure of ours, for the log; the client is not told.
struct Trouble {
    std::string reason;
    bool defect = false;   ///< waiting does not help
    bool overload = false; ///< a bound of ours, which many requests meet at a time
};

/// Makes the body of an answer while it is sent, for one that is too large to lie in memory, or not known yet. Asked
/// for the next piece only once the client's end has taken the one before, so a slow client slows its source. Destroyed
/// with the answer, be it whole or not.
class BodySource {
public:
    virtual ~BodySource() = default;

    /// The next piece, to be kept until the next call; nothing at the end. An empty one sends what was made so far, the
    /// head at first, and means nothing else. Its waits must have deadlines of their own, and a server that stops gives
    /// them the time that a handler has.
    ///
    /// An error or an exception instead of the first piece is answered in place of the response; later it resets the
    /// connection, so that the client cannot take a part for the whole.
    virtual Awaitable<Result<std::optional<std::string_view>>> next() = 0;
};

struct Response {
    int status = 200;
    ResponseFault fault = ResponseFault::none;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<Trouble> trouble{};     ///< logged with the request's id
    std::shared_ptr<BodySource> source{}; ///< instead of `body`: sent in chunks, to HTTP/1.0 until the connection's
                                          ///< end; not asked for the answer to HEAD
};

/// Takes a large body piece by piece as it arrives, at most 64 KiB a piece. Made per request, and destroyed without a
/// finish() when the client goes before the body is whole, or it breaks a limit.
class BodySink {
public:
    virtual ~BodySink() = default;

    /// False when nothing further is wanted (the body is wrong already); the rest is read and dropped within bounds.
    virtual bool write(std::string_view piece) = 0;

    /// The whole body has been written (or refused): make the answer.
    virtual Awaitable<Response> finish(const Request& request) = 0;
};

/// Decides whether a request may go on, by everything but its body, of which no byte has been read. Nothing: it goes
/// on, and its handler is given the request as it was left here. Otherwise the answer, after which the body is dropped.
/// Its waits must have deadlines of their own; the client is not timed meanwhile. One that throws lets nobody in. One
/// that knows at once that the request goes on returns an awaitable that was made of nothing, which costs no coroutine.
using Admission = std::function<Awaitable<std::optional<Response>>(Request&)>;

/// Takes the bodies of one media type, in one of two ways.
struct BodyReader {
    std::string_view media_type{}; ///< lower case, without parameters: `text/csv`; empty: any, and none
    std::function<Awaitable<Response>(const Request&)> handle{};     ///< is given the body as a whole
    std::function<std::unique_ptr<BodySink>(const Request&)> sink{}; ///< or in pieces, for large ones
};

struct Route {
    std::string_view method;
    std::string_view path; ///< `/api/broadcasts/{}/messages`
    std::size_t max_body = 64 * 1024;
    std::size_t at_once = 0; ///< how many are handled at once, others wait in order for a minute; 0: all
    std::optional<Scope>
        scope{};       ///< what a caller must be allowed to do, for whoever makes the admission; none: nothing
    Admission admit{}; ///< asked once what the head alone tells is right; none: everyone may
    std::function<Awaitable<Response>(const Request&)> handle{}; ///< of a body of any type, as a whole
    std::vector<BodyReader> readers{}; ///< instead of `handle`: the media types that are taken, others are a 415; a
                                       ///< request without a body goes to the first
};

/// What a server can tell of its connections.
struct ConnectionCounts {
    std::size_t open = 0;
    std::size_t bound = 0;
    std::uint64_t bound_reached = 0; ///< how many times others had to wait since all were in use
};

/// Is told of each request that no route takes, with the status that it is answered with.
using OnUnrouted = std::function<void(const Request&, int status)>;

/// HTTP/1.1 on one listener: keep-alive, pipelining, chunked bodies, `Expect: 100-continue`, deadlines per phase, and
/// answers of its own for what no route takes (404, 405 with Allow, 413, 415, 400, 408, 431, 501).
///
/// Nobody is turned away for being one too many. While `max_connections` are open, or no descriptor is free, others
/// wait in the listen queue; to make room for them, connections on which nothing has arrived are ended, the longest
/// idle first, and every answer ends its connection. That is logged when it begins and when it is over.
///
/// Every answer has X-Request-ID; errors are problem+json. Refuses what Boost 1.81's parser lets through and proxies
/// disagree about: a Content-Length beside Transfer-Encoding, a coding other than `chunked`, Transfer-Encoding in
/// HTTP/1.0, two Content-Lengths or Hosts. Belongs to one shard.
class Server {
public:
    /// @param streams makes the stream of each connection that was accepted; its handshake runs beside other
    ///                connections and has the time of a request's head
    Server(asio::io_context& shard, ServerLimits limits, std::vector<Route> routes, OnUnrouted on_unrouted = {},
           StreamFactory streams = make_tcp_stream);
    ~Server();

    /// Binds `host` (a name, of whose addresses one is taken, of IPv4 if there is one; an address; or empty: every
    /// address of both families) and `port` (0: any free one) and starts to accept. After that the server must be
    /// stopped before it is destroyed.
    Result<void> listen(const std::string& host, std::uint16_t port);

    /// Call it after listen().
    std::uint16_t port() const;

    ConnectionCounts connections() const;

    /// No new connection but those that wait in the listen queue already, idle ones are closed, running requests end
    /// and are answered with `Connection: close`. Returns true when no session is left. Whose request or answer is
    /// still on its way at `clients` is cut then; a handler that is at work goes on until `handlers`, when its client
    /// is cut as well. It returns half a second later at most, false when a handler still waits for something: close
    /// that, and call stop() again before the server is destroyed.
    Awaitable<bool> stop(Deadline clients, Deadline handlers);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace smsbcast::http
