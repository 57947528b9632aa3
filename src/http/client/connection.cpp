#include "connection.hpp"

#include "request_text.hpp"
#include "response_reader.hpp"

#include <algorithm>
#include <tuple>

namespace smsbcast::http {

namespace {

// Most answers of a provider fit into one read.
constexpr std::size_t kReadSize = 4096;

// Each of these is certain: without a connection nothing was sent, so the message may be tried
// again at no risk.
ClientError refusal(const boost::system::error_code& ec) {
    if (ec == asio::error::connection_refused)
        return {ClientFailure::not_sent, "connect_refused", "nothing listens at the address"};
    if (ec == asio::error::host_unreachable || ec == asio::error::network_unreachable)
        return {ClientFailure::not_sent, "unreachable", "no route leads to the address"};
    return {ClientFailure::not_sent, "connect_failed", "no connection could be made: " + ec.message()};
}

} // namespace

Connection::Connection(asio::io_context& shard, const ClientOptions& options, const StreamFactory& streams)
    : options_(options), make_stream_(streams), socket_(shard), kept_for_(options.idle_timeout),
      in_(2 * options.max_response_bytes + kReadSize) {}

void Connection::expire() {
    expired_ = true;
    close();
}

void Connection::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    if (stream_)
        stream_->close();
    ends_at = Time::max();
}

// With a linger time of 0, closing sends a reset and keeps no TIME_WAIT.
void Connection::drop() {
    stream_->reset();
    close();
}

// Peeking does not take the byte. Nothing to read (would_block) is the healthy state of an idle
// connection; an end of file, or bytes that nobody asked for, are not.
bool Connection::is_stale() {
    return stream_->unread() != ByteStream::Unread::nothing;
}

Awaitable<std::optional<ClientError>> Connection::connect(AddressBook::Endpoint endpoint) {
    expired_ = false;
    in_.clear();
    answers_ = 0;
    kept_for_ = options_.idle_timeout;
    boost::system::error_code ec;
    socket_.open(endpoint.protocol(), ec);
    if (!ec)
        std::tie(ec) = co_await socket_.async_connect(endpoint, runtime::use_result);
    if (!ec && is_connected_to_itself())
        ec = asio::error::connection_refused;
    if (!ec && !expired_) {
        stream_ = make_stream_(std::move(socket_));
        ec = co_await stream_->handshake();
    }
    if (!ec && !expired_ && is_open())
        co_return std::nullopt;
    close();
    if (expired_)
        co_return ClientError{ClientFailure::not_sent, "connect_timeout", "no connection was made in time"};
    co_return refusal(ec);
}

// Linux connects a socket to itself when the port of a local peer that is gone happens to be picked
// as its own (simultaneous open, RFC 9293 §3.5). The request would then come back as its own
// answer.
bool Connection::is_connected_to_itself() {
    boost::system::error_code ec;
    const auto local = socket_.local_endpoint(ec);
    return !ec && local == socket_.remote_endpoint(ec) && !ec;
}

Awaitable<ClientExchange> Connection::converse(const ClientRequest& request) {
    heard_ = false;
    write_request(out_, request, options_.host_header);
    // The first write is tried without waiting: a small request fits the socket's buffer, and a trip through the
    // reactor is spared. It is also where certainty ends, since from its first byte on the peer may have the request.
    const auto [ec, written] = stream_->try_write(asio::buffer(out_));
    std::optional<ClientError> failure;
    if (ec && ec != asio::error::would_block)
        failure = broken(ClientFailure::not_sent, ec);
    else if (written < out_.size())
        failure = co_await write_rest(written);
    ResponseReader reader(options_.max_response_bytes, request.method == "HEAD");
    if (!failure)
        failure = co_await read_answer(reader);
    // Bytes behind the answer were not asked for. Whatever they are, the next answer must not begin
    // with them.
    if (failure || !reader.keep_alive() || in_.size() > 0)
        close();
    if (failure) {
        failure->status = reader.status();
        failure->retry_after = reader.take_retry_after();
        co_return ClientExchange{std::move(*failure)};
    }
    ++answers_;
    quiet_since_ = Deadline::Clock::now();
    // A second is taken off what the peer promised, so that no request meets the peer's closing on
    // its way.
    if (const auto promised = reader.kept_for())
        kept_for_ = std::min(options_.idle_timeout, std::chrono::milliseconds(*promised - std::chrono::seconds(1)));
    co_return ClientExchange{ClientResponse{reader.status(), reader.take_retry_after(), reader.take_body()}};
}

ReusePolicy::Kept Connection::kept(Time now) const {
    return {answers_, std::chrono::duration_cast<std::chrono::milliseconds>(now - quiet_since_)};
}

ReusePolicy::Outcome Connection::outcome(const ClientExchange& exchange) const {
    // A peer that answered anything had the connection open. One that ended it before a byte of the
    // answer may have closed it before it read the request.
    if (heard_)
        return ReusePolicy::Outcome::answered;
    const auto* error = std::get_if<ClientError>(&exchange.result);
    const bool was_written = error && error->failure == ClientFailure::uncertain;
    return was_written && !expired_ ? ReusePolicy::Outcome::lost : ReusePolicy::Outcome::other;
}

Awaitable<std::optional<ClientError>> Connection::write_rest(std::size_t written) {
    while (written < out_.size()) {
        const auto rest = asio::buffer(out_) + written;
        const auto [ec, count] = co_await stream_->write_some(rest);
        written += count;
        if (ec || expired_)
            co_return broken(written == 0 ? ClientFailure::not_sent : ClientFailure::uncertain, ec);
    }
    co_return std::nullopt;
}

Awaitable<std::optional<ClientError>> Connection::read_answer(ResponseReader& reader) {
    while (reader.state() == ResponseReader::State::incomplete) {
        const auto space = in_.prepare(kReadSize);
        const auto [ec, count] = co_await stream_->read_some(space);
        in_.commit(count);
        // This decides whether a lost request is held against the reuse of the connection.
        heard_ = heard_ || count > 0;
        const auto bytes = in_.cdata();
        in_.consume(reader.feed({static_cast<const char*>(bytes.data()), bytes.size()}));
        // An end of file may complete an answer without a length, or cut off one that has it; the
        // reader knows which.
        if (ec == asio::error::eof)
            reader.feed_end();
        else if (ec && reader.state() == ResponseReader::State::incomplete)
            co_return broken(ClientFailure::uncertain, ec);
    }
    co_return verdict(reader);
}

std::optional<ClientError> Connection::verdict(const ResponseReader& reader) const {
    switch (reader.state()) {
    case ResponseReader::State::complete: return std::nullopt;
    case ResponseReader::State::too_large:
        return ClientError{ClientFailure::uncertain, "too_large", "the answer is longer than what is accepted"};
    case ResponseReader::State::cut_off:
        return ClientError{ClientFailure::uncertain, "closed",
                           "the connection was closed before the answer was complete"};
    case ResponseReader::State::incomplete:
    case ResponseReader::State::garbage: break;
    }
    return ClientError{ClientFailure::uncertain, "bad_answer", "the answer is not HTTP/1.1"};
}

ClientError Connection::broken(ClientFailure failure, const boost::system::error_code& ec) const {
    if (expired_)
        return {failure, "timeout", "the answer did not come in time"};
    if (ec == asio::error::connection_reset || ec == asio::error::broken_pipe)
        return {failure, "reset", "the connection was reset"};
    return {failure, "closed", "the connection failed: " + ec.message()};
}

} // namespace smsbcast::http
