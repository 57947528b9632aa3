#include "session.hpp"

#include "smsbcast/base/log.hpp"

namespace smsbcast::http {

namespace {

// A client that sends a body without looking for an answer has so much time and room to be done with it.
constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::chrono::milliseconds kLingerOnStop{250};
constexpr std::size_t kMaxLingered = 64 * 1024 * 1024; // more than a body that is turned away usually has

constexpr std::size_t kKeptBytes = 64 * 1024;

void shrink(std::string& text) {
    if (text.capacity() > kKeptBytes)
        std::string().swap(text);
}

} // namespace

// The connection stays usable when the body is short, or not on its way yet (100-continue apart: the client may send it
// or not, so nobody knows where the next request begins).
Awaitable<> Session::reject(const Response& response) {
    if (body_left_ && !head_.expects_continue())
        body_left_ = !co_await skip_body();
    co_await answer(response);
}

Awaitable<> Session::refuse(const Refusal& refusal) {
    body_left_ = true; // wherever it may end
    const auto response = problem(refusal.status, refusal.code, refusal.detail);
    co_await answer(response);
}

Awaitable<> Session::refuse_body(Piece reason) {
    if (reason == Piece::too_large)
        co_await refuse(Refusal{413, "body_too_large", "The body is larger than this resource takes."});
    else if (reason == Piece::malformed)
        co_await refuse(Refusal{400, "malformed_request", "The chunks of the body are not well-formed."});
    else if (reason == Piece::timed_out)
        co_await refuse(Refusal{408, "request_timeout", "The body did not arrive in time."});
    open_ = false;
}

void Session::write_out(const Response& response, bool keep_alive) {
    const Exchange exchange{request_id_, server_.date.now(), keep_alive, head_.http_1_0(), request_.method == "HEAD"};
    out_.clear();
    append_head(out_, response, exchange);
    if (has_body(response))
        out_.append(response.body);
}

bool Session::has_body(const Response& response) const {
    return request_.method != "HEAD" && response.status != 204 && response.status != 304;
}

// After this answer.
bool Session::may_go_on() const {
    return open_ && head_.keep_alive() && !body_left_ && !server_.stopping && !server_.crowded;
}

void Session::note(const Response& response) {
    if (log::enabled(log::Level::debug))
        log::debug("http_request", {{"request_id", request_id_},
                                    {"method", request_.method},
                                    {"route", route_ ? route_->path : std::string_view{}},
                                    {"status", response.status}});
    if (response.trouble)
        server_.troubles.note(*response.trouble, request_id_, route_, response.status);
}

Awaitable<> Session::answer(const Response& response) {
    if (response.source && has_body(response)) {
        co_await answer_from_source(response);
        co_return;
    }
    note(response);
    if (response.fault != ResponseFault::none) {
        co_await deliver_fault(response);
        co_return;
    }
    const bool keep_alive = may_go_on();
    used_ = true;
    write_out(response, keep_alive);
    if (co_await send() && !keep_alive)
        co_await linger();
}

Awaitable<> Session::deliver_fault(const Response& response) {
    if (response.fault == ResponseFault::truncated) {
        write_out(response, true);
        out_.erase(out_.size() - (response.body.size() + 1) / 2);
        co_await send();
    } else if (response.fault == ResponseFault::reset) {
        stream_->reset();
    } else {
        idle_ = true;
        timer_.off();
        Fill filled = Fill::some;
        while (filled == Fill::some && !server_.stopping) {
            buffer_.consume(buffer_.size());
            filled = co_await fill(kKeptBytes);
        }
    }
    open_ = false;
    stream_->close();
}

// Nearly every answer fits into the socket's buffer, so it is tried without a wait first.
Awaitable<bool> Session::send() {
    auto [error, sent] = stream_->try_write(asio::buffer(out_));
    if (!error && sent == out_.size())
        co_return true;
    if (error == asio::error::would_block)
        error = {};
    timer_.start(server_.limits.write_timeout);
    while (!error && sent < out_.size()) {
        const auto rest = asio::buffer(out_) + sent;
        const auto [failed, size] = co_await stream_->write_some(rest);
        error = failed;
        sent += size;
    }
    open_ = open_ && !error;
    co_return !error;
}

// Closing a socket on which something unread lies resets the connection, and the client never sees the answer.
Awaitable<> Session::linger() {
    open_ = false;
    stream_->end_sending();
    idle_ = true;
    timer_.start(server_.stopping ? kLingerOnStop : kLinger);
    std::size_t dropped = 0;
    while (dropped < kMaxLingered) {
        buffer_.consume(buffer_.size());
        const Fill filled = co_await fill_rested();
        if (filled != Fill::some || timer_.expired())
            co_return;
        dropped += buffer_.size();
    }
}

void Session::release_memory() {
    shrink(body_);
    shrink(out_);
    if (buffer_.size() == 0 && buffer_.capacity() > kKeptBytes / 4)
        buffer_.shrink_to_fit();
}

} // namespace smsbcast::http
