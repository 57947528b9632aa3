#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::http {

/// An absolute `http` address, taken apart as an HTTP client needs it.
struct Url {
    std::string host; ///< decoded; an IPv6 address stands without its brackets
    std::uint16_t port = 80;
    std::string host_header;   ///< as written: `example.org:9090`
    std::string target;        ///< path and query as written, at least `/`
    std::string authorization; ///< `Basic …` when the address carries a user, else empty
};

enum class UrlError {
    malformed, ///< not an address by RFC 3986
    not_http,  ///< another scheme, `https` included
    no_host,
    bad_port,     ///< 0 or above 65535
    has_fragment, ///< a `#…`, which means nothing to a server
};

/// A sentence that says what would be right. Holds nothing of the address, which may have a password in it.
std::string_view message(UrlError error);

std::variant<Url, UrlError> parse_url(std::string_view text);

} // namespace smsbcast::http
