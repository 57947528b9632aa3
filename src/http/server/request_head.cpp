#include "request_head.hpp"

#include <boost/asio/buffer.hpp>

#include <algorithm>

namespace smsbcast::http {

namespace beast_http = boost::beast::http;

namespace {

constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxTarget = 8 * 1024;

constexpr Refusal kMalformed{400, "malformed_request", "The request is not well-formed HTTP/1.1."};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

// Beast joins a folded field to one line; other programs on the way may have read it as two.
bool has_folded_line(std::string_view raw) {
    for (auto at = raw.find("\r\n"); at != std::string_view::npos && at + 2 < raw.size(); at = raw.find("\r\n", at + 2))
        if (raw[at + 2] == ' ' || raw[at + 2] == '\t')
            return true;
    return false;
}

Refusal refusal_of(const boost::system::error_code& error) {
    if (error == beast_http::error::bad_version)
        return {505, "http_version_not_supported", "This server speaks HTTP/1.1."};
    return kMalformed;
}

} // namespace

std::string_view Request::header(std::string_view name) const {
    const auto found = std::ranges::find_if(headers, [&](const Header& field) { return same_word(field.name, name); });
    return found == headers.end() ? std::string_view{} : found->value;
}

std::string media_type(std::string_view value) {
    value = value.substr(0, value.find(';'));
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
        value.remove_suffix(1);
    std::string type(value);
    std::ranges::transform(type, type.begin(), lower);
    return type;
}

std::optional<std::size_t> head_size(std::string_view text, std::size_t& scanned) {
    const auto end = text.find("\r\n\r\n", scanned);
    if (end != std::string_view::npos)
        return end + 4;
    scanned = text.size() < 3 ? 0 : text.size() - 3;
    return std::nullopt;
}

struct RequestHead::Counts {
    int hosts = 0;
    int lengths = 0;
    int encodings = 0;
    int traces = 0;
    std::string_view length;
    std::string_view encoding;
    std::string_view expect;
};

void RequestHead::clear() {
    method_ = path_ = query_ = {};
    headers_.clear();
    trace_.reset();
    http_1_0_ = keep_alive_ = expects_continue_ = chunked_ = false;
    content_length_ = 0;
}

std::optional<Refusal> RequestHead::parse(std::string_view raw) {
    clear();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(raw.size()) + 1);
    parser_->body_limit(boost::none); // the route's limit is set once the route is known
    if (has_folded_line(raw))
        return Refusal{400, "folded_header", "A header field goes over two lines (obs-fold)."};
    boost::system::error_code error;
    parser_->put(boost::asio::buffer(raw.data(), raw.size()), error);
    if (error)
        return refusal_of(error);
    if (!parser_->is_header_done())
        return kMalformed;

    const auto& message = parser_->get();
    if (message.version() != 11 && message.version() != 10)
        return refusal_of(beast_http::error::bad_version);
    http_1_0_ = message.version() == 10;
    keep_alive_ = parser_->keep_alive();
    method_ = {message.method_string().data(), message.method_string().size()};
    Counts counts;
    if (auto refusal = take_fields(counts))
        return refusal;
    if (auto refusal = take_framing(counts))
        return refusal;
    return take_target({message.target().data(), message.target().size()});
}

std::optional<Refusal> RequestHead::take_fields(Counts& counts) {
    for (const auto& field : parser_->get()) {
        const std::string_view value{field.value().data(), field.value().size()};
        headers_.push_back({{field.name_string().data(), field.name_string().size()}, value});
        if (field.name() == beast_http::field::host)
            ++counts.hosts;
        else if (field.name() == beast_http::field::content_length) {
            ++counts.lengths;
            counts.length = value;
        } else if (field.name() == beast_http::field::transfer_encoding) {
            ++counts.encodings;
            counts.encoding = value;
        } else if (field.name() == beast_http::field::expect)
            counts.expect = value;
        else if (field.name() == beast_http::field::unknown && same_word(headers_.back().name, "traceparent"))
            trace_ = ++counts.traces == 1 ? parse_traceparent(value) : std::nullopt; // of two, neither can be believed
    }
    if (headers_.size() > kMaxFields)
        return Refusal{431, "header_too_large", "The request has more than 64 header fields."};
    expects_continue_ = !http_1_0_ && same_word(counts.expect, "100-continue");
    if (!counts.expect.empty() && !http_1_0_ && !expects_continue_)
        return Refusal{417, "expectation_failed", "Only 'Expect: 100-continue' is understood."};
    return std::nullopt;
}

// Two readings of where a body ends are how requests are smuggled past a proxy.
std::optional<Refusal> RequestHead::take_framing(const Counts& counts) {
    if (counts.hosts > 1 || (counts.hosts == 0 && !http_1_0_))
        return Refusal{400, "bad_host", "A request needs exactly one Host field."};
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (counts.lengths > 1 || !std::ranges::all_of(counts.length, is_digit)) // a list such as `3, 3` too
        return Refusal{400, "bad_content_length", "A request has at most one Content-Length, a number."};
    if (counts.encodings > 0) {
        if (counts.lengths > 0)
            return Refusal{400, "bad_framing", "Content-Length and Transfer-Encoding exclude each other."};
        if (http_1_0_)
            return Refusal{400, "bad_framing", "HTTP/1.0 knows no Transfer-Encoding."};
        if (counts.encodings > 1 || !same_word(counts.encoding, "chunked"))
            return Refusal{501, "unknown_transfer_encoding", "The only Transfer-Encoding understood is 'chunked'."};
    }
    chunked_ = counts.encodings > 0;
    content_length_ = parser_->content_length().value_or(0);
    return std::nullopt;
}

std::optional<Refusal> RequestHead::take_target(std::string_view target) {
    if (target.size() > kMaxTarget)
        return Refusal{414, "uri_too_long", "The request target is longer than 8 KiB."};
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.starts_with(scheme)) { // the absolute form, as sent to proxies
            const auto path = target.find_first_of("/?", scheme.size());
            target = path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
        }
    }
    const auto mark = std::min(target.find('?'), target.size());
    path_ = target.substr(0, mark);
    query_ = mark < target.size() ? target.substr(mark + 1) : std::string_view{};
    return std::nullopt;
}

} // namespace smsbcast::http
