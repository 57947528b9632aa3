#include "session.hpp"

#include "smsbcast/base/uuid.hpp"

#include <algorithm>

namespace smsbcast::http {

namespace {

constexpr std::size_t kSmallRead = 4 * 1024;
// Of a body that nobody wants: so much is read to keep the connection usable.
constexpr std::size_t kMaxSkipped = 256 * 1024;

bool is_request_id(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, allowed);
}

constexpr Refusal kHeadTooLarge{431, "header_too_large", "The head of the request is too large."};
constexpr Refusal kTargetTooLong{414, "uri_too_long", "The request target is longer than 8 KiB."};
constexpr Refusal kHeadTimeout{408, "request_timeout", "The head of the request did not arrive in time."};

} // namespace

std::string_view Session::buffered() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

// RFC 9112 §2.2: some clients end a body with a line that belongs to nothing.
void Session::skip_empty_lines() {
    while (buffered().starts_with("\r\n"))
        buffer_.consume(2);
}

Awaitable<std::size_t> Session::receive_head() {
    std::size_t scanned = 0;
    idle_ = buffer_.size() == 0;
    timer_.start(idle_ ? server_.limits.idle_timeout : server_.limits.header_timeout);
    if (server_.stopping)
        wind_down();
    for (;;) {
        if (scanned == 0)
            skip_empty_lines();
        const auto size = head_size(buffered(), scanned);
        if (size.value_or(buffer_.size()) > server_.limits.header_bytes) {
            const bool in_first_line = buffered().find("\r\n") == std::string_view::npos;
            co_await refuse_head(in_first_line ? kTargetTooLong : kHeadTooLarge);
            co_return 0;
        }
        if (idle_ && buffer_.size() > 0) {
            idle_ = false;
            timer_.start(server_.limits.header_timeout);
        }
        if (size)
            co_return *size;
        // Chosen before the co_await: g++ 12 runs both branches of a conditional that holds one.
        auto filling = idle_ ? fill_rested() : fill(kSmallRead);
        const Fill filled = co_await std::move(filling);
        if (filled == Fill::timed_out && !idle_)
            co_await refuse_head(kHeadTimeout);
        if (filled != Fill::some)
            co_return 0;
    }
}

// What never became a request is not answered in the name of the one before it.
Awaitable<> Session::refuse_head(const Refusal& refusal) {
    head_.clear();
    begin_request();
    co_await refuse(refusal);
}

void Session::begin_request() {
    route_ = nullptr;
    reader_ = nullptr;
    request_.method = head_.method();
    request_.path = head_.path();
    request_.query = head_.query();
    request_.headers = head_.headers();
    request_.path_arguments.clear();
    request_.body = {};
    content_type_ = media_type(request_.header("Content-Type"));
    request_.content_type = content_type_;
    const auto id = request_.header("X-Request-ID");
    request_id_ = is_request_id(id) ? std::string(id) : to_string(new_uuid());
    request_.request_id = request_id_;
    request_.trace = head_.trace();
    request_.caller = Caller::anyone();
}

Awaitable<Session::Piece> Session::receive_body() {
    body_.clear();
    if (!body_left_)
        co_return Piece::end;
    head_.parser().body_limit(route_->max_body);
    timer_.start(server_.limits.body_timeout);
    for (;;) {
        const Piece step = co_await next_piece();
        if (step == Piece::end) {
            body_left_ = false;
            request_.body = body_;
        }
        if (step != Piece::one)
            co_return step;
        body_.append(piece_);
    }
}

Awaitable<Session::Piece> Session::next_piece() {
    auto& parser = head_.parser();
    while (!parser.is_done()) {
        if (buffer_.size() > 0) {
            const auto step = decode_body(parser, buffered(), server_.scratch);
            buffer_.consume(step.consumed);
            if (step.outcome == BodyStep::Outcome::too_large)
                co_return Piece::too_large;
            // A chunk's head or the trailer that does not fit into the buffer is refused likewise.
            if (step.outcome == BodyStep::Outcome::malformed || buffer_.size() == buffer_.max_size())
                co_return Piece::malformed;
            if (step.produced > 0) {
                piece_ = {server_.scratch.data(), step.produced};
                co_return Piece::one;
            }
            if (parser.is_done())
                break;
        }
        const bool large = head_.chunked() || head_.content_length() > kSmallRead;
        const Fill filled = co_await fill(large ? server_.scratch.size() : kSmallRead);
        if (filled != Fill::some)
            co_return filled == Fill::timed_out ? Piece::timed_out : Piece::ended;
    }
    body_left_ = false;
    co_return Piece::end;
}

// True when the body was read to its end, so that another request can follow.
Awaitable<bool> Session::skip_body() {
    if (head_.parser().content_length_remaining().value_or(0) > kMaxSkipped)
        co_return false;
    timer_.start(server_.limits.body_timeout);
    std::size_t skipped = 0;
    while (skipped <= kMaxSkipped) {
        const Piece step = co_await next_piece();
        if (step != Piece::one)
            co_return step == Piece::end;
        skipped += piece_.size();
    }
    co_return false;
}

Awaitable<Session::Fill> Session::fill(std::size_t most) {
    if (timer_.expired())
        co_return Fill::timed_out;
    const auto space = buffer_.prepare(std::min(most, buffer_.max_size() - buffer_.size()));
    const auto [error, size] = co_await stream_->read_some(space);
    buffer_.commit(size);
    if (!error)
        co_return Fill::some;
    co_return timer_.expired() ? Fill::timed_out : Fill::ended;
}

// Waits without a buffer, of which thousands would be held for nothing, and reads nothing before it returns: a
// connection that rests may be told to go, and no request may be lost by that. What lies in the socket when the time is
// up was sent in time to a server that was busy.
Awaitable<Session::Fill> Session::fill_rested() {
    for (bool look = !used_;; look = true) {
        const auto space = asio::buffer(server_.scratch, kSmallRead);
        const auto [error, size] = look ? stream_->try_read(space) : ByteStream::Transfer{};
        if (size > 0) {
            buffer_.commit(asio::buffer_copy(buffer_.prepare(size), asio::buffer(server_.scratch, size)));
            co_return Fill::some;
        }
        if (error && error != asio::error::would_block)
            co_return Fill::ended;
        if (timer_.expired())
            co_return Fill::timed_out;
        rest();
        const auto [ended] = co_await stream_->wait_readable();
        place_.leave();
        if (ended && !timer_.expired())
            co_return Fill::ended;
    }
}

void Session::rest() {
    auto since = RestingConnections::Clock::now();
    if (!used_)
        since -= stream_->age_of_silent();
    server_.resting.begin(place_, used_, since);
}

} // namespace smsbcast::http
