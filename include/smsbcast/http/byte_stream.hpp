#pragma once

#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <tuple>

namespace smsbcast::http {

namespace asio = boost::asio;

using runtime::Awaitable;

/// A connected socket. Its executor is a concrete one: the polymorphic one costs several allocations per operation.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

/// The bytes of one connection, both ways, on which client and server speak HTTP.
///
/// At most one read or wait and one write are under way at a time; cancel() and close() end them with an error. The
/// stream must outlive them, and the buffers too. Belongs to one shard.
class ByteStream {
public:
    using Error = boost::system::error_code;

    /// How many bytes were moved, at least one unless there is an error: `eof` once the peer sends no more,
    /// `would_block` where the call must not wait, and what the system says.
    using Transfer = std::tuple<Error, std::size_t>;

    enum class Unread : std::uint8_t {
        nothing, ///< a read would have to wait
        bytes,   ///< something lies there
        ended,   ///< the peer has ended the connection, or it is broken
    };

    virtual ~ByteStream() = default;

    /// What both ends do before the first byte of HTTP. Called once, before anything else is read or written; whoever
    /// calls it bounds its time by cancel() or close().
    virtual Awaitable<Error> handshake() = 0;

    virtual Awaitable<Transfer> read_some(asio::mutable_buffer space) = 0;
    virtual Awaitable<Transfer> write_some(asio::const_buffer bytes) = 0;

    /// Waits, without a buffer, until a read need not.
    virtual Awaitable<std::tuple<Error>> wait_readable() = 0;

    /// They do the same without a wait.
    virtual Transfer try_read(asio::mutable_buffer space) = 0;
    virtual Transfer try_write(asio::const_buffer bytes) = 0;

    /// What the next read would meet; takes nothing.
    virtual Unread unread() = 0;

    /// How long ago the peer came into the listen queue, as long as it has sent nothing.
    virtual std::chrono::milliseconds age_of_silent() = 0;

    /// The other end's address; the unspecified one when the connection is gone.
    virtual asio::ip::address peer() const = 0;

    /// Says that nothing more will be sent. What the peer sends can still be read.
    virtual void end_sending() = 0;

    /// Ends what waits, as `operation_aborted`. The stream can be used on.
    virtual void cancel() = 0;

    virtual void close() = 0;

    /// Closes at once, so that the peer is told of a failure and neither end has to remember the connection.
    virtual void reset() = 0;

    virtual bool is_open() const = 0;
};

/// Makes the stream of a connection that has just been accepted or made. Its handshake() comes later.
using StreamFactory = std::function<std::unique_ptr<ByteStream>(Socket)>;

/// HTTP on plain TCP.
std::unique_ptr<ByteStream> make_tcp_stream(Socket socket);

} // namespace smsbcast::http
