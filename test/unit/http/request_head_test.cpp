#include "http/server/request_head.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::http;

namespace {

constexpr std::string_view kHost = "Host: x\r\n";

int refused(const std::string& start, const std::string& fields) {
    RequestHead head;
    const auto refusal = head.parse(start + "\r\n" + fields + "\r\n");
    return refusal ? refusal->status : 0;
}

int with_fields(const std::string& fields) {
    return refused("POST /a HTTP/1.1", std::string(kHost) + fields);
}

} // namespace

TEST_CASE("a head is found once it is whole", "[transport]") {
    const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    std::size_t scanned = 0;
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK_FALSE(head_size(std::string_view(text).substr(0, size), scanned));
    CHECK(head_size(text + "rest", scanned) == text.size());
}

TEST_CASE("a head tells what its request is", "[transport]") {
    RequestHead head;
    REQUIRE_FALSE(
        head.parse("POST /a/b?c=d&e HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n\r\n"));
    CHECK(head.method() == "POST");
    CHECK(head.path() == "/a/b");
    CHECK(head.query() == "c=d&e");
    CHECK(head.content_length() == 12);
    CHECK(head.has_body());
    CHECK(head.keep_alive());
    CHECK(head.expects_continue());
    CHECK(head.headers().size() == 3);
    REQUIRE_FALSE(head.parse("GET http://x:8080/y?z HTTP/1.0\r\n\r\n"));
    CHECK(head.path() == "/y");
    CHECK(head.query() == "z");
    CHECK(head.http_1_0());
    CHECK_FALSE(head.keep_alive());
    CHECK_FALSE(head.has_body());
    REQUIRE_FALSE(head.parse("GET http://x HTTP/1.1\r\nHost: x\r\n\r\n"));
    CHECK(head.path() == "/");
}

TEST_CASE("a head has a trace where one field names it validly", "[transport]") {
    const std::string field = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    const auto traced = [](const std::string& fields) {
        RequestHead head;
        REQUIRE_FALSE(head.parse("GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"));
        return head.trace().has_value();
    };
    CHECK(traced(field));
    CHECK(traced("T" + field.substr(1)));
    CHECK_FALSE(traced(""));
    CHECK_FALSE(traced("traceparent: 00-1-2-01\r\n"));
    CHECK_FALSE(traced(field + "X: y\r\n" + field));
    CHECK_FALSE(traced(field + field + field));
    CHECK_FALSE(traced("traceparent: 00-1-2-01\r\n" + field));
}

TEST_CASE("what two programs could read differently is refused", "[transport]") {
    CHECK(with_fields("Content-Length: 3\r\n") == 0);
    CHECK(with_fields("Transfer-Encoding: chunked\r\n") == 0);
    CHECK(with_fields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") == 400);
    CHECK(with_fields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") == 400);
    CHECK(with_fields("Content-Length: 3\r\nTransfer-Encoding: gzip\r\n") == 400);
    CHECK(with_fields("Transfer-Encoding: gzip\r\n") == 501);
    CHECK(with_fields("Transfer-Encoding: gzip, chunked\r\n") == 501);
    CHECK(with_fields("Transfer-Encoding: chunked, gzip\r\n") == 501);
    CHECK(with_fields("Transfer-Encoding: \r\n") == 501);
    CHECK(with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") != 0);
    CHECK(with_fields("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") == 501);
    CHECK(with_fields("Content-Length: 3\r\nContent-Length: 3\r\n") == 400);
    CHECK(with_fields("Content-Length: 3\r\nContent-Length: 4\r\n") == 400);
    CHECK(with_fields("Content-Length: 3, 3\r\n") == 400);
    CHECK(with_fields("Content-Length: -3\r\n") == 400);
    CHECK(with_fields("Content-Length: 0x3\r\n") == 400);
    CHECK(with_fields("Content-Length: 99999999999999999999999\r\n") == 400);
    CHECK(with_fields("Host: y\r\n") == 400);
    CHECK(with_fields("X: a\r\n b\r\n") == 400);
    CHECK(with_fields("X: a\r\n\tb\r\n") == 400);
    CHECK(with_fields("X : a\r\n") == 400);
    CHECK(with_fields("X: a\rb\r\n") == 400);
    CHECK(with_fields("X: a\nY: b\r\n") == 400);
    CHECK(with_fields("no colon\r\n") == 400);
    CHECK(with_fields("Expect: something\r\n") == 417);
    CHECK(refused("POST /a HTTP/1.0", "Transfer-Encoding: chunked\r\n") == 400);
    CHECK(refused("GET /a HTTP/1.1", "") == 400);
    CHECK(refused("GET /a HTTP/1.0", "") == 0);
    CHECK(refused("GET /a HTTP/2.0", std::string(kHost)) == 505);
    CHECK(refused("GET  /a HTTP/1.1", std::string(kHost)) == 400);
    CHECK(refused("GET /a b HTTP/1.1", std::string(kHost)) != 0);
    CHECK(refused("nonsense", std::string(kHost)) == 400);
}

TEST_CASE("a head is bounded in its target and its fields", "[transport]") {
    CHECK(refused("GET /" + std::string(8191, 'a') + " HTTP/1.1", std::string(kHost)) == 0);
    CHECK(refused("GET /" + std::string(8192, 'a') + " HTTP/1.1", std::string(kHost)) == 414);
    std::string fields;
    for (int i = 0; i < 63; ++i)
        fields += "X: y\r\n";
    CHECK(with_fields(fields) == 0);
    CHECK(with_fields(fields + "X: y\r\n") == 431);
}

TEST_CASE("a media type is compared without its parameters", "[transport]") {
    CHECK(media_type("Application/JSON ; charset=utf-8") == "application/json");
    CHECK(media_type("") == "");
}
