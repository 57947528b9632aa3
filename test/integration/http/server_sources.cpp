#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <stdexcept>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

using Piece = Result<std::optional<std::string_view>>;

struct Counts {
    std::atomic<int> alive{0};
    std::atomic<int> pieces{0};
};

// What `piece` gives for 0, 1, 2 and so on, each after a turn of the loop.
class CountedSource final : public http::BodySource {
public:
    CountedSource(Counts& counts, std::function<Piece(int)> piece) : counts_(counts), piece_(std::move(piece)) {
        ++counts_.alive;
    }
    ~CountedSource() override { --counts_.alive; }

    runtime::Awaitable<Piece> next() override {
        co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
        ++counts_.pieces;
        co_return piece_(index_++);
    }

private:
    Counts& counts_;
    std::function<Piece(int)> piece_;
    int index_ = 0;
};

runtime::Awaitable<Response> respond(Counts& counts, std::function<Piece(int)> piece) {
    Response response;
    response.content_type = "text/plain";
    response.source = std::make_shared<CountedSource>(counts, std::move(piece));
    co_return response;
}

Route from_source(Counts& counts, std::string_view path, std::function<Piece(int)> piece) {
    return {
        .method = "GET", .path = path, .handle = [&counts, piece](const Request&) { return respond(counts, piece); }};
}

Piece three(int index) {
    static constexpr std::string_view pieces[] = {"one", "", "three"};
    return index < 3 ? Piece(pieces[index]) : Piece(std::nullopt);
}

Piece breaks(int index, int at, bool by_exception) {
    if (index < at)
        return Piece("piece");
    if (by_exception)
        throw std::runtime_error("broken on purpose");
    return Errc::unavailable;
}

const std::string kGet = " HTTP/1.1\r\nHost: x\r\n\r\n";

// Everything until the connection ends.
std::string rest(TransportClient& client) {
    CHECK_FALSE(client.receive());
    return client.partial();
}

} // namespace

TEST_CASE("a body that is made while it is sent arrives in chunks, and the connection goes on", "[http_server]") {
    Counts counts;
    TransportServer server({from_source(counts, "/three", three), echo_route("GET")});
    auto client = server.connect();
    for (int i = 0; i < 2; ++i) {
        const auto answer = client.get("/three");
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->headers.at("transfer-encoding") == "chunked");
        CHECK(answer->headers.at("content-type") == "text/plain");
        CHECK(answer->headers.count("content-length") == 0);
        CHECK(answer->headers.count("connection") == 0);
        CHECK(answer->body == "3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
    }
    CHECK(client.get("/echo")->status == 200);
    wait_until([&] { return counts.alive == 0; });
}

TEST_CASE("a body without a piece is an empty one", "[http_server]") {
    Counts counts;
    TransportServer server({from_source(counts, "/nothing", [](int) { return Piece(std::nullopt); })});
    auto client = server.connect();
    CHECK(client.get("/nothing")->body == "0\r\n\r\n");
    CHECK(client.get("/nothing")->body == "0\r\n\r\n");
}

TEST_CASE("a large piece goes out in several chunks", "[http_server]") {
    Counts counts;
    const std::string large(200'000, 'x');
    TransportServer server({from_source(counts, "/large", [&](int index) {
        return index == 0 ? Piece(std::string_view(large)) : Piece(std::nullopt);
    })});
    auto client = server.connect();
    const std::string full = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    const std::string end = "d40\r\n" + std::string(0xd40, 'x') + "\r\n0\r\n\r\n";
    CHECK((client.get("/large")->body == full + full + full + end));
}

TEST_CASE("HEAD asks no source, and HTTP/1.0 knows no chunks", "[http_server]") {
    Counts counts;
    TransportServer server({from_source(counts, "/three", three)});
    auto client = server.connect();
    client.send("HEAD /three" + kGet);
    const auto head = client.receive(true);
    REQUIRE(head);
    CHECK(head->headers.at("transfer-encoding") == "chunked");
    CHECK(counts.pieces == 0);
    CHECK(client.get("/three")->status == 200);

    auto old = server.connect();
    old.send("GET /three HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto answer = old.receive();
    REQUIRE(answer);
    CHECK(answer->headers.count("transfer-encoding") == 0);
    CHECK(answer->headers.count("content-length") == 0);
    CHECK(answer->headers.at("connection") == "close");
    old.finish_sending();
    CHECK(rest(old) == "onethree");
    CHECK_FALSE(old.was_reset());
}

TEST_CASE("a source that fails at once is answered for", "[http_server]") {
    Counts counts;
    TransportServer server({from_source(counts, "/error", [](int index) { return breaks(index, 0, false); }),
                            from_source(counts, "/exception", [](int index) { return breaks(index, 0, true); })});
    auto client = server.connect();
    CHECK(client.get("/error")->status == 503);
    CHECK(client.get("/exception")->status == 500);
    CHECK(client.get("/error")->headers.at("content-type") == "application/problem+json");
    wait_until([&] { return counts.alive == 0; });
}

TEST_CASE("a source that fails in the middle resets the connection", "[http_server]") {
    Counts counts;
    const bool by_exception = GENERATE(false, true);
    TransportServer server({from_source(counts, "/half", [=](int index) { return breaks(index, 3, by_exception); })});
    for (const auto* version : {"1.1", "1.0"}) {
        auto client = server.connect();
        client.send("GET /half HTTP/" + std::string(version) + "\r\nHost: x\r\n\r\n");
        while (client.receive()) {
        }
        INFO(version);
        CHECK(client.was_reset());
        CHECK(client.partial().find("0\r\n\r\n") == std::string::npos);
    }
    wait_until([&] { return counts.alive == 0; });
}

TEST_CASE("a client that reads slowly slows the source, and is not waited for without end", "[http_server]") {
    Counts counts;
    const std::string piece(100'000, 'x');
    TransportServer server({from_source(counts, "/endless", [&](int) { return Piece(std::string_view(piece)); })},
                           {.write_timeout = 100ms});
    auto client = server.connect();
    client.send("GET /endless" + kGet);
    wait_until([&] { return counts.pieces > 0 && counts.alive == 0; });
    CHECK(counts.pieces < 1000); // what the sockets of both ends hold, of pieces without end
}

TEST_CASE("a client that reads gets all of a large body", "[http_server]") {
    Counts counts;
    const std::string piece(100'000, 'x');
    TransportServer server({from_source(counts, "/large", [&](int index) {
        return index < 300 ? Piece(std::string_view(piece)) : Piece(std::nullopt);
    })});
    auto client = server.connect();
    client.send("GET /large HTTP/1.0\r\n\r\n");
    CHECK(client.receive());
    client.finish_sending();
    CHECK(rest(client).size() == 30'000'000);
}

TEST_CASE("a client that goes away ends its source", "[http_server]") {
    Counts counts;
    TransportServer server({from_source(counts, "/endless", [](int) { return Piece("piece"); })});
    {
        auto client = server.connect();
        client.send("GET /endless" + kGet);
    }
    wait_until([&] { return counts.pieces > 0 && counts.alive == 0; });
}

TEST_CASE("a stop ends a source that would go on for ever", "[http_server]") {
    Counts counts;
    TransportServer server({from_source(counts, "/endless", [](int) { return Piece(""); })});
    auto client = server.connect();
    client.send("GET /endless" + kGet);
    wait_until([&] { return counts.pieces > 10; });
    server.stop(50ms);
    CHECK(counts.alive == 0);
    CHECK_FALSE(client.receive());
    CHECK(client.partial().starts_with("HTTP/1.1 200 OK\r\n"));
}
