#pragma once

#include "address_book.hpp"
#include "reuse_policy.hpp"
#include "smsbcast/http/byte_stream.hpp"
#include "smsbcast/http/client.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::http {

class ResponseReader;

/// One stream of the pool and its buffers, which outlive the single connection. Its owner ends its waits: whoever waits
/// here when `ends_at` comes finds the stream closed.
class Connection {
public:
    using Time = Deadline::Clock::time_point;

    Connection(asio::io_context& shard, const ClientOptions& options, const StreamFactory& streams);

    Time ends_at = Time::max();

    /// Closes the stream because `ends_at` came.
    void expire();
    void close();
    /// Closes it so that neither end has to remember it. For one that the peer may be closing as well: whoever closes
    /// first keeps the port for a minute, of which there are 28,000.
    void drop();
    bool is_open() const { return stream_ && stream_->is_open(); }

    /// Whether the peer closed it, or said something that nobody asked for, since the last answer.
    bool is_stale();

    /// Tries one address. Gives the reason when it did not become open.
    Awaitable<std::optional<ClientError>> connect(AddressBook::Endpoint endpoint);

    /// Writes the request and reads its answer. A failure as `not_sent` means that the socket took no byte of it.
    /// The connection is open afterwards only if it can be used again.
    Awaitable<ClientExchange> converse(const ClientRequest& request);

    /// How long the peer keeps the connection when it is idle.
    std::chrono::milliseconds kept_for() const { return kept_for_; }

    /// The facts of it between two requests, for ReusePolicy.
    ReusePolicy::Kept kept(Time now) const;

    /// The lesson of the last request, which did not open it, about using it again.
    ReusePolicy::Outcome outcome(const ClientExchange& exchange) const;

private:
    Awaitable<std::optional<ClientError>> write_rest(std::size_t written);
    Awaitable<std::optional<ClientError>> read_answer(ResponseReader& reader);
    std::optional<ClientError> verdict(const ResponseReader& reader) const;
    ClientError broken(ClientFailure failure, const boost::system::error_code& ec) const;
    bool is_connected_to_itself();

    const ClientOptions& options_;
    const StreamFactory& make_stream_;
    Socket socket_;                      // while it is being connected
    std::unique_ptr<ByteStream> stream_; // that of the last connection, once there was one
    bool expired_ = false;
    bool heard_ = false; // something of the answer
    std::uint32_t answers_ = 0;
    Time quiet_since_{}; // the last answer's end, or its opening
    std::chrono::milliseconds kept_for_;
    std::string out_;
    boost::beast::flat_buffer in_;
};

} // namespace smsbcast::http
