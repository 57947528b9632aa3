#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

constexpr std::string_view kChunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

std::string expecting(std::string_view target, std::size_t length) {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

} // namespace

TEST_CASE("a chunked body is put together, however it arrives", "[http_server]") {
    TransportServer server({echo_route()});
    auto client = server.connect();
    const std::string body = "5\r\nhello\r\n1;name=value\r\n \r\n6\r\nworld!\r\n0\r\nTrailer: x\r\n\r\n";
    CHECK(client.exchange(std::string(kChunked) + body)->body == "POST /echo   hello world!");
    client.send(kChunked);
    for (const char& byte : body)
        client.send({&byte, 1});
    CHECK(client.receive()->body == "POST /echo   hello world!");
    CHECK(client.exchange(std::string(kChunked) + "0\r\n\r\n")->body == "POST /echo   ");
}

TEST_CASE("a trailer changes nothing of its request", "[http_server]") {
    TransportServer server({echo_route()});
    auto client = server.connect();
    const auto answer = client.exchange(std::string(kChunked) + "1\r\nx\r\n0\r\nConnection: close\r\nHost: y\r\n"
                                                                "X-Request-ID: z\r\nContent-Type: a/b\r\n\r\n");
    CHECK(answer->body == "POST /echo   x");
    CHECK(answer->headers.at("x-request-id") != "z");
    CHECK(client.post("/echo", "again")->status == 200);
}

TEST_CASE("broken chunks end the connection", "[http_server]") {
    TransportServer server({echo_route()});
    for (const auto* body :
         {"x\r\n", "5\r\nhelloXX\r\n", "-1\r\n", "fffffffffffffffff\r\n", "5 \r\nhello\r\n0\r\n\r\n"}) {
        auto client = server.connect();
        const auto answer = client.exchange(std::string(kChunked) + body);
        INFO(body);
        REQUIRE(answer);
        CHECK((answer->status == 400 || answer->status == 413));
        CHECK(answer->headers.at("connection") == "close");
        client.finish_sending();
        CHECK(client.at_end());
    }
}

TEST_CASE("a chunk's head and a trailer are bounded", "[http_server]") {
    TransportServer server({echo_route()});
    for (const auto* start : {"5;x=", "0\r\nX: "}) {
        auto client = server.connect();
        client.send(kChunked);
        client.send(start);
        client.send(std::string(200'000, 'a'));
        const auto answer = client.receive();
        INFO(start);
        REQUIRE(answer);
        CHECK(answer->status == 400);
    }
}

TEST_CASE("a body beyond the route's limit is a 413 that the client can read", "[http_server]") {
    TransportServer server({echo_route()});
    auto small = server.connect();
    CHECK(small.post("/echo", std::string(1000, 'x'))->status == 200);
    CHECK(small.post("/echo", std::string(1001, 'x'))->status == 413);
    CHECK(small.post("/echo", "the connection is still usable")->status == 200);

    auto large = server.connect();
    const auto answer = large.post("/echo", std::string(5'000'000, 'x'));
    REQUIRE(answer);
    CHECK(answer->status == 413);
    CHECK(answer->headers.at("connection") == "close");

    auto chunked = server.connect();
    chunked.send(kChunked);
    const std::string chunk = "1f4\r\n" + std::string(500, 'x') + "\r\n";
    for (int i = 0; i < 1000; ++i)
        chunked.send(chunk);
    const auto refused = chunked.receive();
    REQUIRE(refused);
    CHECK(refused->status == 413);
}

TEST_CASE("100 Continue is said only when the body will be taken", "[http_server]") {
    TransportServer server(
        {echo_route("POST", "/echo", 1000, {}), echo_route("POST", "/json", 1000, "application/json")});
    auto client = server.connect();
    for (int i = 0; i < 2; ++i) {
        const auto go_on = client.exchange(expecting("/echo", 5));
        REQUIRE(go_on);
        CHECK(go_on->status == 100);
        CHECK(client.exchange("hello")->body == "POST /echo   hello");
    }
    // The body is there already: nothing is to be said.
    CHECK(client.exchange(expecting("/echo", 5) + "hello")->status == 200);
    CHECK(client.exchange(expecting("/echo", 0))->status == 200);

    const auto refused = [&](const std::string& request) {
        auto other = server.connect();
        const auto answer = other.exchange(request);
        REQUIRE(answer);
        CHECK(answer->headers.at("connection") == "close");
        other.finish_sending();
        CHECK(other.at_end());
        return answer->status;
    };
    CHECK(refused(expecting("/nothing", 5)) == 404);
    CHECK(refused(expecting("/echo", 1001)) == 413);
    CHECK(refused(expecting("/json", 5)) == 415);
    CHECK(refused("PUT" + expecting("/echo", 5).substr(4)) == 405);
}

TEST_CASE("a sink is given the body in bounded pieces", "[http_server]") {
    Seen seen;
    TransportServer server({sink_route(seen, 20'000'000), echo_route()});
    auto client = server.connect();
    CHECK(client.post("/sink", std::string(10'000'000, 'x'))->body == "10000000");
    CHECK(seen.sink_bytes == 10'000'000);
    CHECK(seen.largest_piece <= 64 * 1024);
    CHECK(client.post("/sink", "")->body == "0");
    client.send("POST /sink HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100; ++i)
        client.send("3e8\r\n" + std::string(1000, 'y') + "\r\n");
    CHECK(client.exchange("0\r\n\r\n")->body == "100000");
    CHECK(client.post("/sink", std::string(20'000'001, 'x'))->status == 413);
}

TEST_CASE("a sink that wants no more is answered, and a short rest is dropped", "[http_server]") {
    Seen seen;
    TransportServer server({sink_route(seen, 20'000'000, 1), echo_route()});
    auto client = server.connect();
    const auto answer = client.post("/sink", std::string(200'000, 'x'));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->headers.count("connection") == 0);
    CHECK(seen.sink_bytes <= 64 * 1024);
    CHECK(client.post("/echo", "still usable")->status == 200);

    const auto closing = client.post("/sink", std::string(10'000'000, 'x'));
    REQUIRE(closing);
    CHECK(closing->status == 200);
    CHECK(closing->headers.at("connection") == "close");
}

TEST_CASE("a client that goes in the middle of a body leaves nothing behind", "[http_server]") {
    Seen seen;
    TransportServer server({sink_route(seen, 20'000'000), echo_route()});
    {
        auto client = server.connect();
        client.send("POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
        auto other = server.connect();
        other.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
    }
    server.stop();
    int sinks = -1;
    server.on_shard([&] { sinks = seen.sinks; });
    CHECK(sinks == 0);
}
