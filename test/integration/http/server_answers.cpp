#include "server_fixture.hpp"
#include "server_routes.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/base/uuid.hpp"
#include "smsbcast/http/problem.hpp"

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

std::string g_logged;

void keep(std::string_view line) {
    g_logged.append(line);
}

runtime::Awaitable<Response> stay(int& inside, int& most) {
    most = std::max(most, ++inside);
    for (int i = 0; i < 5; ++i)
        co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
    --inside;
    co_return Response{};
}

runtime::Awaitable<Response> answer_with(Response response) {
    co_return response;
}

std::string code_of(const test::HttpAnswer& answer) {
    return std::string(boost::json::parse(answer.body).at("code").as_string());
}

} // namespace

TEST_CASE("a request reaches its route with what it carries", "[http_server]") {
    TransportServer server({echo_route(), echo_route("GET", "/a/{}/b")});
    auto client = server.connect();
    const auto answer = client.post("/echo?x=1&y", "hello", "Text/Plain; charset=utf-8");
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "POST /echo x=1&y text/plain hello");
    CHECK(answer->headers.at("content-type") == "text/plain");
    CHECK(answer->headers.at("date").ends_with(" GMT"));
    CHECK(answer->headers.count("connection") == 0);
    CHECK(client.get("/a/x%20y/b")->body == "GET /a/x y/b   ");
}

TEST_CASE("every answer has a request id, taken over when it is well-formed", "[http_server]") {
    TransportServer server({echo_route()});
    auto client = server.connect();
    const auto id_for = [&](const std::string& sent) {
        return client.exchange("GET /none HTTP/1.1\r\nHost: x\r\nX-Request-ID: " + sent + "\r\n\r\n")
            ->headers.at("x-request-id");
    };
    CHECK(id_for("abc-123_X.y") == "abc-123_X.y");
    CHECK(id_for(std::string(128, 'a')) == std::string(128, 'a'));
    CHECK(parse_uuid(id_for(std::string(129, 'a'))));
    CHECK(parse_uuid(id_for("two words")));
    CHECK(parse_uuid(id_for("\"quoted\"")));
    CHECK(parse_uuid(client.get("/none")->headers.at("x-request-id")));
    const auto answer = client.exchange("GET /none HTTP/1.1\r\nHost: x\r\nX-Request-ID: id-7\r\n\r\n");
    CHECK(boost::json::parse(answer->body).at("request_id") == "id-7");
}

TEST_CASE("what no route takes is answered, and the connection goes on", "[http_server]") {
    TransportServer server({echo_route("POST", "/echo", 1000, "application/json"), echo_route("GET", "/echo")});
    auto client = server.connect();
    const auto unknown = client.post("/nothing", "some body");
    CHECK(unknown->status == 404);
    CHECK(unknown->headers.at("content-type") == "application/problem+json");
    CHECK(code_of(*unknown) == "not_found");
    const auto wrong_method = client.exchange("DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(wrong_method->status == 405);
    CHECK(wrong_method->headers.at("allow") == "POST, GET, HEAD");
    const auto wrong_type = client.post("/echo", "a=b", "application/x-www-form-urlencoded");
    CHECK(wrong_type->status == 415);
    CHECK(wrong_type->headers.at("accept") == "application/json");
    CHECK(client.post("/echo", "{}", "")->status == 415);
    CHECK(client.get("/%zz")->status == 400);
    CHECK(client.post("/echo", "{}")->status == 200);
}

TEST_CASE("what never became a request is not answered in the name of the one before it", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")});
    auto client = server.connect();
    client.send("HEAD /echo HTTP/1.1\r\nHost: x\r\nX-Request-ID: first-one\r\n\r\n");
    CHECK(client.receive(true)->headers.at("x-request-id") == "first-one");
    client.send("GET /echo HTTP/1.1\r\nHost: x\r\nX: " + std::string(20'000, 'a') + "\r\n\r\n");
    const auto refused = client.receive();
    CHECK(refused->status == 431);
    CHECK(refused->headers.at("x-request-id") != "first-one");
    CHECK(code_of(*refused) == "header_too_large");
}

TEST_CASE("HEAD is GET without the body of its answer", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo"), echo_route("POST", "/post")});
    auto client = server.connect();
    client.send("HEAD /post HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto refused = client.receive(true);
    CHECK(refused->status == 405);
    CHECK(refused->headers.at("allow") == "POST");
    CHECK(refused->headers.at("content-length") != "0");
    client.send("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = client.receive(true);
    CHECK(answer->status == 200);
    CHECK(answer->headers.at("content-length") != "0");
    CHECK(client.get("/echo")->body == "GET /echo   ");
}

TEST_CASE("an exception of a handler is a 500 without its text, logged once", "[http_server]") {
    g_logged.clear();
    log::set_sink(keep);
    {
        TransportServer server({broken_route(), echo_route()});
        auto client = server.connect();
        const auto answer = client.exchange("GET /broken HTTP/1.1\r\nHost: x\r\nX-Request-ID: id-8\r\n\r\n");
        CHECK(answer->status == 500);
        CHECK(answer->body.find("on purpose") == std::string::npos);
        CHECK(boost::json::parse(answer->body).as_object().contains("detail") == false);
        CHECK(client.post("/echo", "x")->status == 200);
    }
    log::set_sink(nullptr);
    const auto first = g_logged.find("request_failed");
    REQUIRE(first != std::string::npos);
    CHECK(g_logged.find("request_failed", first + 1) == std::string::npos);
    CHECK(g_logged.find("id-8") != std::string::npos);
    CHECK(g_logged.find("broken on purpose") != std::string::npos);
}

TEST_CASE("a failure of ours is logged with the request's id, and of what fails everybody a sample", "[http_server]") {
    const auto fail_with = [](std::string_view path, Errc error) {
        return Route{.method = "GET", .path = path, .handle = [error](const Request& request) {
                         return answer_with(to_response(http::to_problem(error), request.request_id));
                     }};
    };
    g_logged.clear();
    log::set_sink(keep);
    {
        TransportServer server({fail_with("/away", Errc::unavailable), fail_with("/lost", Errc::not_found),
                                fail_with("/busy", Errc::overloaded), fail_with("/broken", Errc::internal)});
        auto client = server.connect();
        for (const auto* path : {"away", "lost", "busy", "broken"})
            for (const auto* number : {"1", "2"})
                client.exchange(
                    fmt::format("GET /{0} HTTP/1.1\r\nHost: x\r\nX-Request-ID: {0}-{1}\r\n\r\n", path, number));
    }
    log::set_sink(nullptr);
    const auto logged = [](std::string_view text) { return g_logged.find(text) != std::string::npos; };
    for (const auto* number : {"1", "2"}) {
        CHECK(logged(fmt::format(R"("level":"warn","role":"test","event":"request_failed","request_id":"away-{}",)"
                                 R"("method":"GET","route":"/away","status":503,"reason":"unavailable")",
                                 number)));
        CHECK(logged(
            fmt::format(R"("level":"error","role":"test","event":"request_failed","request_id":"broken-{}")", number)));
    }
    CHECK(logged(
        R"("event":"requests_turned_away","request_id":"busy-1","status":503,"reason":"overloaded","so_far":1)"));
    CHECK_FALSE(logged("busy-2"));
    CHECK_FALSE(logged("lost-"));
}

TEST_CASE("a large answer arrives whole at a slow reader", "[http_server]") {
    TransportServer server({large_route(20'000'000)});
    auto client = server.connect();
    CHECK(client.get("/large")->body.size() == 20'000'000);
    CHECK(client.get("/large")->body.size() == 20'000'000);
}

TEST_CASE("an answer that nobody reads ends its connection in time", "[http_server]") {
    http::ServerLimits limits;
    limits.write_timeout = std::chrono::milliseconds(50);
    TransportServer server({large_route(50'000'000)}, limits);
    auto client = server.connect();
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    server.stop(); // returns once no session is left
    CHECK_FALSE(client.receive());
}

TEST_CASE("the faults of a delivery are what they are called", "[http_server]") {
    TransportServer server(fault_routes());
    auto reset = server.connect();
    CHECK_FALSE(reset.get("/reset"));
    CHECK(reset.was_reset());
    CHECK(reset.partial().empty());

    auto truncated = server.connect();
    CHECK_FALSE(truncated.get("/truncated"));
    CHECK_FALSE(truncated.was_reset());
    CHECK(truncated.partial().find("Content-Length: 1000\r\n") != std::string::npos);
    CHECK(truncated.partial().substr(truncated.partial().find("\r\n\r\n") + 4) == std::string(500, 'x'));

    auto silent = server.connect();
    silent.send("GET /none HTTP/1.1\r\nHost: x\r\n\r\n");
    server.stop();
    CHECK_FALSE(silent.receive());
    CHECK(silent.partial().empty());
}

TEST_CASE("what no route takes is told to whoever wants to know", "[http_server]") {
    std::vector<std::string> told;
    const auto note = [&](const Request& request, int status) {
        told.push_back(fmt::format("{} {} {}", request.method, request.path, status));
    };
    TransportServer server({echo_route(), echo_route("GET", "/a/{}")}, {}, "127.0.0.1", note);
    auto client = server.connect();
    CHECK(client.get("/echo?x=1")->status == 405);
    CHECK(client.post("/dlr/1?token=2", "body")->status == 404);
    CHECK(client.get("/a/%zz")->status == 400);
    CHECK(client.post("/echo", "known")->status == 200);
    CHECK(client.get("/a/b")->status == 200);
    server.stop();
    CHECK(told == std::vector<std::string>{"GET /echo 405", "POST /dlr/1 404", "GET /a/%zz 400"});
}

TEST_CASE("more requests of a route than it handles at once wait for their turn", "[http_server]") {
    int inside = 0, most = 0;
    auto route = echo_route("GET", "/few");
    route.at_once = 3;
    route.handle = [&](const Request&) { return stay(inside, most); };
    TransportServer server({std::move(route), echo_route("GET", "/echo")});
    std::vector<TransportClient> clients;
    for (int i = 0; i < 50; ++i) {
        clients.push_back(server.connect());
        clients.back().send("GET /few HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    CHECK(server.connect().get("/echo")->status == 200);
    for (auto& client : clients)
        CHECK(client.receive()->status == 200);
    CHECK(most == 3);
}
