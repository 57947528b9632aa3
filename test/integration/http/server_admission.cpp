#include "server_fixture.hpp"
#include "server_routes.hpp"

#include "smsbcast/http/problem.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <stdexcept>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

constexpr std::string_view kTrace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

// Lets in who has the word, after a wait.
runtime::Awaitable<std::optional<Response>> ask_for_word(Request& request) {
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    if (request.header("Authorization") == "Bearer broken")
        throw std::runtime_error("broken on purpose");
    if (request.header("Authorization") != "Bearer word")
        co_return http::to_response({401, "unauthorized", "Say the word.", {}, {}}, request.request_id);
    request.caller = Caller{"friend", "clinic", {Scope::broadcasts_read}};
    co_return std::nullopt;
}

runtime::Awaitable<Response> tell_caller(const Request& request) {
    Response response;
    response.body = request.caller.who + " of " + request.caller.tenant + " from " + request.peer.to_string() +
                    (request.trace ? " traced" : "") + ": " + std::string(request.body);
    co_return response;
}

Route guarded() {
    return {.method = "POST", .path = "/guarded", .admit = ask_for_word, .handle = [](const Request& request) {
                return tell_caller(request);
            }};
}

Route open() {
    return {.method = "POST", .path = "/open", .handle = [](const Request& request) { return tell_caller(request); }};
}

std::string head(std::string_view path, std::string_view word, std::size_t length, std::string_view more = {}) {
    return std::string("POST ").append(path).append(" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ").append(word) +
           "\r\nContent-Length: " + std::to_string(length) + "\r\n" + std::string(more) + "\r\n";
}

} // namespace

TEST_CASE("a handler is given who calls, as admission found it out", "[http_server]") {
    TransportServer server({guarded(), open()});
    auto client = server.connect();
    CHECK(client.exchange(head("/guarded", "word", 5) + "hello")->body == "friend of clinic from 127.0.0.1: hello");
    CHECK(client.exchange(head("/open", "word", 5) + "hello")->body == "anyone of default from 127.0.0.1: hello");
}

TEST_CASE("who is not admitted is answered, and the connection goes on after a short body", "[http_server]") {
    TransportServer server({guarded()});
    auto client = server.connect();
    const auto answer = client.exchange(head("/guarded", "wrong", 5) + "hello");
    REQUIRE(answer);
    CHECK(answer->status == 401);
    CHECK(answer->headers.count("connection") == 0);
    CHECK(client.exchange(head("/guarded", "word", 5) + "again")->status == 200);
}

TEST_CASE("admission comes before any byte of the body", "[http_server]") {
    TransportServer server({guarded()});
    auto refused = server.connect();
    const auto expect = std::string("Expect: 100-continue\r\n");
    const auto answer = refused.exchange(head("/guarded", "wrong", 5, expect));
    REQUIRE(answer);
    CHECK(answer->status == 401); // and no 100 before it
    CHECK(answer->headers.at("connection") == "close");
    auto client = server.connect();
    CHECK(client.exchange(head("/guarded", "word", 5, expect))->status == 100);
    CHECK(client.exchange("hello")->status == 200);
    // A body that is too long to be skipped ends the connection.
    auto large = server.connect();
    large.send(head("/guarded", "wrong", 60'000'000));
    CHECK(large.receive()->status == 413); // what is wrong by the head alone is not worth a look-up
}

TEST_CASE("an admission that throws is an internal error, and lets nobody in", "[http_server]") {
    TransportServer server({guarded()});
    auto client = server.connect();
    CHECK(client.exchange(head("/guarded", "broken", 5) + "hello")->status == 500);
    CHECK(client.exchange(head("/guarded", "word", 5) + "hello")->status == 200);
}

TEST_CASE("an admission that knows at once need not be a coroutine", "[http_server]") {
    auto at_once = guarded();
    at_once.admit = [](Request& request) -> runtime::Awaitable<std::optional<Response>> {
        if (request.header("Authorization") == "Bearer broken")
            throw std::runtime_error("broken on purpose");
        request.caller.who = "early";
        return {};
    };
    TransportServer server({at_once});
    auto client = server.connect();
    CHECK(client.exchange(head("/guarded", "word", 5) + "hello")->body == "early of default from 127.0.0.1: hello");
    const auto answer = client.exchange(head("/guarded", "broken", 5) + "hello");
    REQUIRE(answer);
    CHECK(answer->status == 500);
}

TEST_CASE("admission guards a body that is taken piece by piece", "[http_server]") {
    Seen seen;
    auto route = sink_route(seen, 20'000'000);
    route.admit = ask_for_word;
    TransportServer server({std::move(route)});
    auto client = server.connect();
    client.send(head("/sink", "wrong", 10'000'000));
    const auto answer = client.receive();
    REQUIRE(answer);
    CHECK(answer->status == 401);
    CHECK(answer->headers.at("connection") == "close");
    CHECK(seen.sink_bytes == 0);
    auto other = server.connect();
    CHECK(other.exchange(head("/sink", "word", 5) + "hello")->body == "5");
}

TEST_CASE("a request's trace is the one that its client names validly, and once", "[http_server]") {
    TransportServer server({open()});
    auto client = server.connect();
    const auto traced = [&](const std::string& fields) {
        const auto answer = client.exchange(head("/open", "word", 0, fields));
        return answer && answer->body.find(" traced") != std::string::npos;
    };
    const auto field = "TraceParent: " + std::string(kTrace) + "\r\n";
    CHECK(traced(field));
    CHECK_FALSE(traced(""));
    CHECK_FALSE(traced(field + field));
    CHECK_FALSE(traced(field + field + field));
    CHECK_FALSE(traced("traceparent: 00-0-0-0\r\n"));
    CHECK(traced("traceparent:  \t" + std::string(kTrace) + " \r\n"));
}
