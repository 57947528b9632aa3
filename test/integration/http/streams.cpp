#include "client_fixture.hpp"
#include "masked_stream.hpp"
#include "server_fixture.hpp"
#include "server_routes.hpp"

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;

namespace {

http::StreamFactory masked(MaskedStream::Handshake handshake) {
    return [handshake](http::Socket socket) -> std::unique_ptr<http::ByteStream> {
        return std::make_unique<MaskedStream>(std::move(socket), handshake);
    };
}

http::StreamFactory masked() {
    return masked(MaskedStream::Handshake::at_once);
}

http::ClientRequest request(std::string_view body) {
    return {.method = "POST", .target = "/echo", .body = body};
}

// One exchange of a client whose connections are streams of that kind.
http::ClientExchange exchange(std::uint16_t port, const http::StreamFactory& streams, std::string_view body,
                              std::chrono::milliseconds connect_timeout = kPatience) {
    HttpLoop loop;
    http::Client client(loop.context, {.host = "127.0.0.1", .port = port, .connect_timeout = connect_timeout}, streams);
    const auto deadline = Deadline::after(kPatience);
    auto exchanged = loop.wait<http::ClientExchange>([&] { return client.exchange(request(body), deadline); });
    client.close();
    loop.run_dry();
    return exchanged;
}

} // namespace

TEST_CASE("client and server speak over any stream of bytes", "[http][stream]") {
    TransportServer server({echo_route("POST", "/echo", 10'000'000)}, {}, "127.0.0.1", {}, masked());
    const std::string large(5'000'000, 'x'); // not written nor read in one piece
    for (const std::string_view body : {std::string_view("hello"), std::string_view(large)}) {
        HttpLoop loop;
        http::Client client(
            loop.context, {.host = "127.0.0.1", .port = server.port(), .settle = 0ms, .max_response_bytes = 10'000'000},
            masked());
        for (int i = 0; i < 3; ++i) { // on a connection that is kept
            const auto deadline = Deadline::after(kPatience);
            const auto exchanged =
                loop.wait<http::ClientExchange>([&] { return client.exchange(request(body), deadline); });
            const auto* response = std::get_if<http::ClientResponse>(&exchanged.result);
            REQUIRE(response);
            CHECK((response->body == "POST /echo   " + std::string(body)));
        }
        client.close();
        loop.run_dry();
    }
}

TEST_CASE("a handshake that takes its time delays no other connection, and has the time of a head", "[http][stream]") {
    TransportServer server({echo_route("GET")}, {.header_timeout = 50ms}, "127.0.0.1", {},
                           masked(MaskedStream::Handshake::by_first_byte));
    auto silent = server.connect();
    auto fast = server.connect();
    fast.send("!");
    fast.send(mask("GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    CHECK(fast.at_end() == false); // it was answered
    CHECK(silent.at_end());
}

TEST_CASE("a server that stops does not wait for a handshake", "[http][stream]") {
    TransportServer server({echo_route()}, {}, "127.0.0.1", {}, masked(MaskedStream::Handshake::by_first_byte));
    auto silent = server.connect();
    server.stop();
    CHECK(silent.at_end());
}

TEST_CASE("a handshake that fails ends the connection, whoever fails", "[http][stream]") {
    TransportServer strict({echo_route()}, {}, "127.0.0.1", {}, masked(MaskedStream::Handshake::refused));
    auto client = strict.connect();
    CHECK(client.at_end());

    TransportServer server({echo_route()}, {}, "127.0.0.1", {}, masked());
    const auto refused = exchange(server.port(), masked(MaskedStream::Handshake::refused), "hello");
    const auto& error = std::get<http::ClientError>(refused.result);
    CHECK(error.failure == http::ClientFailure::not_sent);
    CHECK(error.code == "connect_failed");
}

TEST_CASE("a client's handshake ends by the connect timeout, and nothing was sent", "[http][stream]") {
    TransportServer server({echo_route()}, {}, "127.0.0.1", {}, masked());
    const auto late = exchange(server.port(), masked(MaskedStream::Handshake::by_first_byte), "hello", 50ms);
    const auto& error = std::get<http::ClientError>(late.result);
    CHECK(error.failure == http::ClientFailure::not_sent);
    CHECK(error.code == "connect_timeout");
}
