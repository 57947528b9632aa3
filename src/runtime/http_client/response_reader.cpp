#include "response_reader.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include <algorithm>
#include <charconv>

namespace smsbcast::runtime {

namespace http = boost::beast::http;

namespace {

/// The number in `timeout=5, max=100`.
std::optional<std::chrono::seconds> read_kept_for(std::string_view value) {
    constexpr std::string_view kName = "timeout=";
    const auto at = value.find(kName);
    if (at == std::string_view::npos)
        return std::nullopt;
    const auto* const first = value.data() + at + kName.size();
    unsigned seconds = 0;
    if (std::from_chars(first, value.data() + value.size(), seconds).ec != std::errc{})
        return std::nullopt;
    return std::chrono::seconds(std::min(seconds, 3600U));
}

} // namespace

ResponseReader::Message::Message(std::size_t most, bool answers_head) : max_bytes(most) {
    body_limit(most);
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(most, 1U << 30U)));
    eager(true);
    skip(answers_head);
}

void ResponseReader::Message::on_response_impl(int code, View, int, error_code&) {
    status = code;
}

void ResponseReader::Message::on_field_impl(http::field name, View, View value, error_code& ec) {
    // The fields of a trailer come here as well; whoever decides by them can be deceived past a proxy.
    if (is_header_done())
        return;
    switch (name) {
    case http::field::retry_after: retry_after.assign(value.data(), value.size()); break;
    case http::field::keep_alive: kept_for = read_kept_for({value.data(), value.size()}); break;
    case http::field::transfer_encoding:
        // Beast 1.81 takes an answer with any other coding for one that ends with the connection.
        if (!boost::beast::iequals(value, "chunked"))
            ec = http::error::bad_transfer_encoding;
        break;
    default: break;
    }
}

void ResponseReader::Message::on_header_impl(error_code&) {}

void ResponseReader::Message::on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) {
    if (length)
        body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(*length, max_bytes)));
}

std::size_t ResponseReader::Message::on_body_impl(View piece, error_code& ec) {
    if (body.size() + piece.size() > max_bytes) {
        ec = http::error::body_limit;
        return 0;
    }
    body.append(piece.data(), piece.size());
    return piece.size();
}

void ResponseReader::Message::on_chunk_header_impl(std::uint64_t, View, error_code&) {}

std::size_t ResponseReader::Message::on_chunk_body_impl(std::uint64_t, View piece, error_code& ec) {
    return on_body_impl(piece, ec);
}

void ResponseReader::Message::on_finish_impl(error_code&) {}

ResponseReader::ResponseReader(std::size_t max_bytes, bool answers_head)
    : max_bytes_(max_bytes), answers_head_(answers_head) {
    message_.emplace(max_bytes_, answers_head_);
}

std::size_t ResponseReader::feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (state_ == State::incomplete && taken < bytes.size()) {
        const auto body_before = message_->body.size();
        error_code ec;
        const auto used = message_->put({bytes.data() + taken, bytes.size() - taken}, ec);
        taken += used;
        // Beast's own limits count neither trailers nor what surrounds the chunks.
        overhead_ += used - std::min(used, message_->body.size() - body_before);
        step(ec);
        if (ec == http::error::need_more || used == 0)
            break;
    }
    if (state_ == State::incomplete && overhead_ + (bytes.size() - taken) > max_bytes_)
        state_ = State::too_large;
    return taken;
}

void ResponseReader::feed_end() {
    if (state_ != State::incomplete)
        return;
    if (!message_->got_some()) {
        state_ = State::cut_off;
        return;
    }
    error_code ec;
    message_->put_eof(ec);
    if (ec)
        state_ = State::cut_off;
    else
        step(ec);
}

void ResponseReader::step(const error_code& ec) {
    if (ec == http::error::header_limit || ec == http::error::body_limit || overhead_ > max_bytes_)
        state_ = State::too_large;
    else if (ec && ec != http::error::need_more)
        state_ = State::garbage;
    else if (!message_->is_done())
        return;
    else if (message_->status == 101)
        state_ = State::garbage;
    else if (message_->status / 100 == 1)
        message_.emplace(max_bytes_, answers_head_);
    else
        state_ = State::complete;
}

} // namespace smsbcast::runtime
