#include "client_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

// A deadline by which the request has been written, and no answer will ever be there.
constexpr auto kSentByThen = 500ms;

void check_uncertain(const http::ClientError& error, const std::string& code) {
    CHECK(error.failure == http::ClientFailure::uncertain);
    CHECK(error.code == code);
    CHECK_FALSE(error.message.empty());
}

void check_not_sent(const http::ClientError& error, const std::string& code) {
    CHECK(error.failure == http::ClientFailure::not_sent);
    CHECK(error.code == code);
    CHECK_FALSE(error.message.empty());
}

} // namespace

TEST_CASE("Nobody listens: not sent", "[http][client]") {
    ClientFixture f({hang()});
    f.server.stop();
    check_not_sent(f.error(), "connect_refused");
    check_not_sent(f.error(), "connect_refused");
}

TEST_CASE("The peer takes no connection: not sent, by the connect timeout or by the deadline", "[http][client]") {
    // A backlog that is full makes Linux drop further SYNs.
    HttpLoop loop;
    asio::ip::tcp::acceptor full(loop.context, asio::ip::tcp::v4());
    full.bind({asio::ip::address_v4::loopback(), 0});
    full.listen(0);
    std::vector<asio::ip::tcp::socket> fillers;
    for (int i = 0; i < 4; ++i) {
        auto& filler = fillers.emplace_back(loop.context);
        filler.async_connect(full.local_endpoint(), [](const boost::system::error_code&) {});
    }
    loop.context.run_one_for(kPatience);
    const bool by_deadline = GENERATE(false, true);
    http::Client client(
        loop.context,
        {.host = "127.0.0.1", .port = full.local_endpoint().port(), .connect_timeout = by_deadline ? 60'000ms : 50ms});
    const auto deadline = Deadline::after(by_deadline ? 50ms : 60'000ms);
    const auto exchanged =
        loop.wait<http::ClientExchange>([&] { return client.exchange(ClientFixture::post(), deadline); });
    check_not_sent(std::get<http::ClientError>(exchanged.result), "connect_timeout");
    fillers.clear();
    full.close();
    client.close();
    loop.run_dry();
}

TEST_CASE("The peer hangs: uncertain, and the connection is not used again", "[http][client]") {
    ClientFixture f({hang(), answer(http_answer(200, ""))});
    check_uncertain(f.error(ClientFixture::post(), kSentByThen), "timeout");
    CHECK(f.response().status == 200);
    CHECK(f.server.accepted() == 2);
}

TEST_CASE("The peer hangs within its answer: uncertain", "[http][client]") {
    const auto part = GENERATE(values<std::string>({"HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Le",
                                                    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                                                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                                                    "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nno end"}));
    CAPTURE(part);
    ClientFixture f({answer(part)});
    check_uncertain(f.error(ClientFixture::post(), kSentByThen), "timeout");
}

TEST_CASE("The peer reads nothing of a long request: uncertain", "[http][client]") {
    const std::string body(16 * 1024 * 1024, 'x');
    const auto look_only = [](Peer& peer) -> Awaitable<> { co_await peer.wait_for_bytes(); };
    ClientFixture f({look_only});
    check_uncertain(f.error(ClientFixture::post(body), kSentByThen), "timeout");
}

TEST_CASE("The peer closes before or within its answer: uncertain", "[http][client]") {
    const auto part = GENERATE(values<std::string>(
        {"", "H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-",
         "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}));
    CAPTURE(part);
    ClientFixture f({answer_and_close(part)});
    check_uncertain(f.error(), "closed");
    const auto error = f.error();
    check_uncertain(error, "closed");
    CHECK(error.status ==
          (part.find("200 OK\r\n") != std::string::npos && part.find("\r\n\r\n") != std::string::npos ? 200 : 0));
    CHECK(f.server.accepted() == 2);
}

TEST_CASE("The peer resets the connection on reading the request: uncertain", "[http][client]") {
    ClientFixture f({answer_and_reset("")});
    check_uncertain(f.error(), "reset");
}

TEST_CASE("An answer that is not HTTP, or says two things: uncertain", "[http][client]") {
    const auto bytes = GENERATE(values<std::string>({
        "hello\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2p1\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 two OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    }));
    CAPTURE(bytes);
    ClientFixture f({answer(bytes), answer(http_answer(200, ""))});
    check_uncertain(f.error(), "bad_answer");
    CHECK(f.response().status == 200);
}

TEST_CASE("An answer beyond the bound is not read to its end: uncertain", "[http][client]") {
    const std::string big(5000, 'x');
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const auto bytes = GENERATE_COPY(values<std::string>({
        http_answer(200, big),
        ok + "Content-Length: 999999999999\r\n\r\n",
        ok + "\r\n" + big,
        ok + "X-Long: " + big + "\r\n\r\n",
        ok + "X-Endless: " + big,
        ok + "Transfer-Encoding: chunked\r\n\r\n1388\r\n" + big + "\r\n0\r\n\r\n",
        ok + "Transfer-Encoding: chunked\r\n\r\n1;" + big,
        ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: " + big,
        "HTTP/1.1 200 " + big,
    }));
    ClientFixture f({answer(bytes), answer(http_answer(200, ""))}, {.max_response_bytes = 2000});
    check_uncertain(f.error(), "too_large");
    CHECK(f.response().status == 200);
}

TEST_CASE("Interim answers without end are bounded", "[http][client]") {
    const auto drip = [](Peer& peer) -> Awaitable<> {
        co_await peer.read_request();
        const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
        for (int i = 0; i < 1000; ++i)
            co_await peer.write(interim);
    };
    ClientFixture f({drip}, {.max_response_bytes = 2000});
    check_uncertain(f.error(), "too_large");
}

TEST_CASE("Bytes after an answer belong to nobody: the connection is not used again", "[http][client]") {
    ClientFixture f({answer(http_answer(200, "one") + http_answer(200, "two"))});
    CHECK(f.response().body == "one");
    CHECK(f.response().body == "one");
    CHECK(f.server.accepted() == 2);
}

TEST_CASE("A request that could be read as two is not sent", "[http][client]") {
    ClientFixture f({answer(http_answer(200, ""))});
    auto request = ClientFixture::post();
    const http::Header split[] = {{"X-Id", "1\r\nHost: elsewhere"}};
    const http::Header bad_name[] = {{"X Id", "1"}};
    SECTION("header value") {
        request.headers = split;
    }
    SECTION("header name") {
        request.headers = bad_name;
    }
    SECTION("target with a space") {
        request.target = "/a HTTP/1.1";
    }
    SECTION("target that is none") {
        request.target = "a";
    }
    SECTION("target with a line end") {
        request.target = "/a\r\n";
    }
    SECTION("method") {
        request.method = "GET /";
    }
    SECTION("content type") {
        request.content_type = "a\nb";
    }
    check_not_sent(f.error(request), "invalid_request");
    CHECK(f.server.accepted() == 0);
}

TEST_CASE("A deadline that has passed: not sent", "[http][client]") {
    ClientFixture f({answer(http_answer(200, ""))});
    const auto error = f.error(ClientFixture::post(), 0ms);
    CHECK(error.failure == http::ClientFailure::not_sent);
    f.response();
    check_not_sent(f.error(ClientFixture::post(), 0ms), "timeout");
}
