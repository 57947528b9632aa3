#pragma once

#include "smsbcast/http/server.hpp"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace smsbcast::http {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

/// Why the server itself refuses a request. The texts are literals.
struct Refusal {
    int status = 400;
    std::string_view code;
    std::string_view detail;
};

/// The size of the head that `text` begins with, its empty line included; nothing while it is not all there.
/// `scanned` carries on from call to call what was looked through already; start with 0.
std::optional<std::size_t> head_size(std::string_view text, std::size_t& scanned);

/// The start line and fields of one request, judged more strictly than Boost 1.81's parser does.
///
/// Everything told here is a snapshot: fields of a chunked body's trailer, which that parser adds to the others, do not
/// change it.
class RequestHead {
public:
    /// `raw` is exactly one head. After a refusal the framing of what follows is not to be trusted.
    std::optional<Refusal> parse(std::string_view raw);

    std::string_view method() const { return method_; }
    std::string_view path() const { return path_; }   ///< as sent
    std::string_view query() const { return query_; } ///< as sent
    const std::vector<Header>& headers() const { return headers_; }
    const std::optional<TraceContext>& trace() const { return trace_; }
    bool http_1_0() const { return http_1_0_; }
    bool keep_alive() const { return keep_alive_; }
    bool expects_continue() const { return expects_continue_; }
    bool chunked() const { return chunked_; }
    std::uint64_t content_length() const { return content_length_; } ///< 0 for a chunked body and for none
    bool has_body() const { return chunked_ || content_length_ > 0; }

    /// Goes on with the body. After parse() without a refusal.
    RequestParser& parser() { return *parser_; }

    /// As before the first parse().
    void clear();

private:
    struct Counts;
    std::optional<Refusal> take_fields(Counts& counts);
    std::optional<Refusal> take_framing(const Counts& counts);
    std::optional<Refusal> take_target(std::string_view target);

    std::optional<RequestParser> parser_;
    std::string_view method_, path_, query_;
    std::vector<Header> headers_;
    std::optional<TraceContext> trace_;
    bool http_1_0_ = false;
    bool keep_alive_ = false;
    bool expects_continue_ = false;
    bool chunked_ = false;
    std::uint64_t content_length_ = 0;
};

/// The value's first part, lower case, without parameters: `application/json; charset=utf-8` → `application/json`.
std::string media_type(std::string_view value);

} // namespace smsbcast::http
