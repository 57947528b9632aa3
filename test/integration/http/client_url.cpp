#include "smsbcast/http/url.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::http;

TEST_CASE("An http address is taken apart", "[http][url]") {
    struct Case {
        std::string text, host;
        std::uint16_t port;
        std::string host_header, target, authorization;
    };
    const auto one = GENERATE(values<Case>({
        {"http://localhost:9090", "localhost", 9090, "localhost:9090", "/", ""},
        {"http://example.org", "example.org", 80, "example.org", "/", ""},
        {"HTTP://Example.org:/a/b", "Example.org", 80, "Example.org:", "/a/b", ""},
        {"http://h/a%20b?x=1&y=%2F", "h", 80, "h", "/a%20b?x=1&y=%2F", ""},
        {"http://h?x=1", "h", 80, "h", "/?x=1", ""},
        {"http://[::1]:81/", "::1", 81, "[::1]:81", "/", ""},
        {"http://10.0.0.1/", "10.0.0.1", 80, "10.0.0.1", "/", ""},
        {"http://Aladdin:open%20sesame@h", "h", 80, "h", "/", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"http://u@h", "h", 80, "h", "/", "Basic dTo="},
        {"http://u:pw@h", "h", 80, "h", "/", "Basic dTpwdw=="},
        {"http://us:p@h", "h", 80, "h", "/", "Basic dXM6cA=="},
    }));
    CAPTURE(one.text);
    const auto parsed = parse_url(one.text);
    REQUIRE(std::holds_alternative<Url>(parsed));
    const auto& url = std::get<Url>(parsed);
    CHECK(url.host == one.host);
    CHECK(url.port == one.port);
    CHECK(url.host_header == one.host_header);
    CHECK(url.target == one.target);
    CHECK(url.authorization == one.authorization);
}

TEST_CASE("What is no http address is refused with a reason", "[http][url]") {
    const auto [text, error] = GENERATE(table<std::string, UrlError>({
        {"", UrlError::malformed},
        {"localhost:9090", UrlError::not_http},
        {"//h/a", UrlError::malformed},
        {"http://h/a b", UrlError::malformed},
        {"http://h/\r\nX: y", UrlError::malformed},
        {"https://h", UrlError::not_http},
        {"ftp://h", UrlError::not_http},
        {"http:///a", UrlError::no_host},
        {"http:a", UrlError::no_host},
        {"http://h:0", UrlError::bad_port},
        {"http://h:65536", UrlError::bad_port},
        {"http://h:99999999999", UrlError::bad_port},
        {"http://h/#top", UrlError::has_fragment},
    }));
    CAPTURE(text);
    const auto parsed = parse_url(text);
    REQUIRE(std::holds_alternative<UrlError>(parsed));
    CHECK(std::get<UrlError>(parsed) == error);
    CHECK_FALSE(message(error).empty());
}
