#include "client_fixture.hpp"

using namespace smsbcast;
using namespace smsbcast::test;

TEST_CASE("An answer with a length, and the connection is used again", "[http][client]") {
    ClientFixture f({answer(http_answer(202, R"({"provider_id":"p1"})"))});
    for (int i = 0; i < 3; ++i) {
        const auto response = f.response();
        CHECK(response.status == 202);
        CHECK(response.body == R"({"provider_id":"p1"})");
    }
    CHECK(f.server.accepted() == 1);
}

TEST_CASE("A request is written as it was asked for", "[http][client]") {
    std::string seen;
    const auto record = [](Peer& peer, std::string& into) -> Awaitable<> {
        into = co_await peer.read_request();
        co_await peer.write(http_answer(200, ""));
    };
    ClientFixture f({[&](Peer& peer) { return record(peer, seen); }}, {.host_header = "sms.example:81"});
    const http::Header headers[] = {{"Idempotency-Key", "k-1"}, {"X-Empty", ""}};
    auto request = ClientFixture::post("{\"a\":1}");
    request.headers = headers;
    f.response(request);
    CHECK(seen == "POST /send HTTP/1.1\r\nHost: sms.example:81\r\nUser-Agent: smsbcast\r\n"
                  "Idempotency-Key: k-1\r\nX-Empty: \r\nContent-Type: application/json\r\n"
                  "Content-Length: 7\r\n\r\n{\"a\":1}");
}

TEST_CASE("Answers of every framing are read, whole or byte by byte", "[http][client]") {
    struct Case {
        std::string bytes;
        int status;
        std::string body;
        bool reused;
    };
    const auto one = GENERATE(values<Case>({
        {http_answer(200, "hello"), 200, "hello", true},
        {http_answer(200, ""), 200, "", true},
        {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n", 200,
         "hello world", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\nRetry-After: 9\r\n\r\n", 200, "hi",
         true},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + http_answer(201, "made"), 201,
         "made", true},
        {http_answer(200, "bye", "Connection: close\r\n"), 200, "bye", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", 200, "old", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nold", 200, "old", true},
    }));
    const bool slowly = GENERATE(false, true);
    const auto serve = [](Peer& peer, std::string bytes, bool in_pieces) -> Awaitable<> {
        while (!(co_await peer.read_request()).empty()) {
            if (in_pieces)
                co_await peer.write_slowly(bytes);
            else
                co_await peer.write(bytes);
        }
    };
    CAPTURE(one.bytes, slowly);
    ClientFixture f({[&](Peer& peer) { return serve(peer, one.bytes, slowly); }});
    for (int i = 0; i < 2; ++i) {
        const auto response = f.response();
        CHECK(response.status == one.status);
        CHECK(response.body == one.body);
        CHECK(response.retry_after.empty());
    }
    CHECK(f.server.accepted() == (one.reused ? 1 : 2));
}

TEST_CASE("An answer without a length ends with its connection", "[http][client]") {
    ClientFixture f({answer_and_close("HTTP/1.1 200 OK\r\n\r\nuntil the end")});
    CHECK(f.response().body == "until the end");
    CHECK(f.response().body == "until the end");
    CHECK(f.server.accepted() == 2);
}

TEST_CASE("The answer to HEAD has no body, whatever length it names", "[http][client]") {
    ClientFixture f({answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")});
    http::ClientRequest request{.method = "HEAD"};
    CHECK(f.response(request).body.empty());
    CHECK(f.response(request).body.empty());
    CHECK(f.server.accepted() == 1);
}

TEST_CASE("Retry-After is handed over as it stands", "[http][client]") {
    ClientFixture f({answer(http_answer(503, "", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"))});
    CHECK(f.response().retry_after == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("A refused request is an answer, and the connection stays", "[http][client]") {
    ClientFixture f({answer(http_answer(422, "no"))});
    CHECK(f.response().status == 422);
    CHECK(f.response().status == 422);
    CHECK(f.server.accepted() == 1);
}

TEST_CASE("A body that fills every buffer on its way arrives whole", "[http][client]") {
    const auto serve = [](Peer& peer) -> Awaitable<> {
        const auto request = co_await peer.read_request();
        co_await peer.write(http_answer(200, std::to_string(request.size() - request.find("\r\n\r\n") - 4)));
    };
    const std::string body(8 * 1024 * 1024, 'x');
    ClientFixture f({serve});
    CHECK(f.response(ClientFixture::post(body)).body == std::to_string(body.size()));
}
