#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

std::string post(std::string_view body) {
    return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

} // namespace

TEST_CASE("pipelined requests are answered in order", "[http_server]") {
    TransportServer server({echo_route()});
    auto client = server.connect();
    std::string requests;
    for (int i = 0; i < 500; ++i)
        requests += post(std::to_string(i));
    client.send(requests);
    for (int i = 0; i < 500; ++i)
        REQUIRE(client.receive()->body == "POST /echo   " + std::to_string(i));
}

TEST_CASE("a request that arrives byte by byte is one request", "[http_server]") {
    TransportServer server({echo_route()});
    auto client = server.connect();
    const auto request = "\r\n\r\n" + post("slow");
    for (const char& byte : request)
        client.send({&byte, 1});
    CHECK(client.receive()->body == "POST /echo   slow");
}

TEST_CASE("the connection is kept or closed as the client says", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")});
    auto closing = server.connect();
    CHECK(closing.exchange("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")->headers.at("connection") ==
          "close");
    CHECK(closing.at_end());
    auto old = server.connect();
    CHECK(old.exchange("GET /echo HTTP/1.0\r\n\r\n")->headers.at("connection") == "close");
    CHECK(old.at_end());
    auto kept = server.connect();
    for (int i = 0; i < 2; ++i)
        CHECK(kept.exchange("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->headers.at("connection") ==
              "keep-alive");
    auto half = server.connect();
    half.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    half.finish_sending();
    CHECK(half.receive()->status == 200);
    CHECK(half.at_end());
}

TEST_CASE("what cannot be framed is refused, and the connection ends", "[http_server]") {
    TransportServer server({echo_route()});
    const auto status = [&](const std::string& request) {
        auto client = server.connect();
        const auto answer = client.exchange(request);
        REQUIRE(answer);
        CHECK(answer->headers.at("connection") == "close");
        CHECK(answer->headers.at("content-type") == "application/problem+json");
        client.finish_sending();
        CHECK(client.at_end());
        return answer->status;
    };
    const std::string post_head = "POST /echo HTTP/1.1\r\nHost: x\r\n";
    CHECK(status(post_head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
    CHECK(status(post_head + "Transfer-Encoding: gzip\r\n\r\n") == 501);
    CHECK(status("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400);
    CHECK(status(post_head + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc") == 400);
    CHECK(status(post_head + "Host: y\r\n\r\n") == 400);
    CHECK(status("GET /echo HTTP/1.1\r\n\r\n") == 400);
    CHECK(status(post_head + "X: a\r\n b\r\n\r\n") == 400);
    CHECK(status("nonsense\r\n\r\n") == 400);
    CHECK(status("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n") == 414);
    CHECK(status("GET /" + std::string(300'000, 'a')) == 414);
    CHECK(status(post_head + "X: " + std::string(17'000, 'a') + "\r\n\r\n") == 431);
    CHECK(status(post_head + "X: " + std::string(300'000, 'a')) == 431);
}

TEST_CASE("an idle connection is closed without a word, a half-sent request with a 408", "[http_server]") {
    http::ServerLimits limits;
    limits.idle_timeout = limits.header_timeout = limits.body_timeout = std::chrono::milliseconds(300);
    TransportServer server({echo_route()}, limits);
    auto idle = server.connect();
    CHECK(idle.at_end());
    auto used = server.connect();
    CHECK(used.exchange(post("x"))->status == 200);
    CHECK(used.at_end());
    auto half_head = server.connect();
    const auto first = half_head.exchange("POST /echo HTTP/1.1\r\nHos");
    REQUIRE(first);
    CHECK(first->status == 408);
    auto half_body = server.connect();
    const auto second = half_body.exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhal");
    REQUIRE(second);
    CHECK(second->status == 408);
    CHECK(second->headers.at("connection") == "close");
    auto gone = server.connect();
    gone.send("POST /echo HTTP/1.1\r\nHos");
    gone.finish_sending();
    CHECK(gone.at_end());
}

TEST_CASE("a deadline is absolute: a byte now and then does not move it", "[http_server]") {
    http::ServerLimits limits;
    limits.header_timeout = std::chrono::milliseconds(200);
    TransportServer server({echo_route()}, limits);
    auto client = server.connect();
    const auto started = std::chrono::steady_clock::now();
    int sent = 0;
    while (client.send("G") && std::chrono::steady_clock::now() - started < kPatience)
        ++sent;
    CHECK(std::chrono::steady_clock::now() - started < kPatience);
    CHECK(sent > 0);
}
