#include "smsbcast/http/url.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <charconv>

namespace smsbcast::http {

namespace {

std::string base64(std::string_view bytes) {
    constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    unsigned held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = (held << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6)
            out.push_back(kAlphabet[(held >> static_cast<unsigned>(bits - 6)) & 63U]);
    }
    if (bits > 0)
        out.push_back(kAlphabet[(held << static_cast<unsigned>(6 - bits)) & 63U]);
    out.resize((out.size() + 3) / 4 * 4, '=');
    return out;
}

std::variant<std::uint16_t, UrlError> port_of(const boost::urls::url_view& url) {
    if (!url.has_port() || url.port().empty())
        return std::uint16_t{80};
    const auto digits = url.port();
    std::uint16_t port = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (ec != std::errc{} || end != digits.data() + digits.size() || port == 0)
        return UrlError::bad_port;
    return port;
}

} // namespace

std::string_view message(UrlError error) {
    switch (error) {
    case UrlError::malformed: return "must be an address like http://host:port/path";
    case UrlError::not_http: return "must begin with http://; TLS is not supported here, put a proxy before it";
    case UrlError::no_host: return "must name a host after http://";
    case UrlError::bad_port: return "must have a port from 1 to 65535";
    case UrlError::has_fragment: return "must not have a fragment (#)";
    }
    return "is not a usable address";
}

std::variant<Url, UrlError> parse_url(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed)
        return UrlError::malformed;
    const auto& url = *parsed;
    if (url.scheme_id() != boost::urls::scheme::http)
        return UrlError::not_http;
    if (url.encoded_host().empty())
        return UrlError::no_host;
    if (url.has_fragment())
        return UrlError::has_fragment;
    const auto port = port_of(url);
    if (const auto* wrong = std::get_if<UrlError>(&port))
        return *wrong;
    Url out;
    out.host = url.host_address();
    out.port = std::get<std::uint16_t>(port);
    out.host_header = std::string(url.encoded_host_and_port());
    const std::string_view target(url.encoded_target().data(), url.encoded_target().size());
    out.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    if (url.has_userinfo())
        out.authorization = "Basic " + base64(url.user() + ":" + url.password());
    return out;
}

} // namespace smsbcast::http
