#include "response_text.hpp"

#include <boost/beast/http/status.hpp>

#include <charconv>

namespace smsbcast::http {

namespace {

void append_number(std::string& out, std::size_t number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

void append_framing(std::string& out, const Response& response, const Exchange& exchange) {
    if (!response.source) {
        out.append("Content-Length: ");
        append_number(out, response.body.size());
        out.append("\r\n");
    } else if (!exchange.http_1_0) {
        append_field(out, "Transfer-Encoding", "chunked");
    }
}

} // namespace

std::string_view DateText::now() {
    const auto now = std::time(nullptr);
    if (now != second_ || text_.empty()) {
        second_ = now;
        std::tm parts{};
        gmtime_r(&now, &parts);
        text_.resize(32);
        text_.resize(std::strftime(text_.data(), text_.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    }
    return text_;
}

std::string_view reason_phrase(int status) {
    namespace beast_http = boost::beast::http;
    const auto phrase = beast_http::obsolete_reason(beast_http::int_to_status(static_cast<unsigned>(status)));
    return {phrase.data(), phrase.size()};
}

void append_head(std::string& out, const Response& response, const Exchange& exchange) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(response.status));
    out.append(" ").append(reason_phrase(response.status)).append("\r\n");
    append_field(out, "Date", exchange.date);
    append_field(out, "X-Request-ID", exchange.request_id);
    if (response.status != 204 && response.status != 304) {
        if (!response.body.empty() || response.source)
            append_field(out, "Content-Type", response.content_type);
        append_framing(out, response, exchange);
    }
    for (const auto& [name, value] : response.headers)
        append_field(out, name, value);
    if (!exchange.keep_alive)
        out.append("Connection: close\r\n");
    else if (exchange.http_1_0)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
}

void append_part(std::string& out, std::string_view part, bool chunked) {
    if (part.empty())
        return;
    if (!chunked) {
        out.append(part);
        return;
    }
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, part.size(), 16).ptr;
    out.append(digits, end).append("\r\n").append(part).append("\r\n");
}

} // namespace smsbcast::http
