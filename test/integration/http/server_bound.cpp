// What happens while as many connections are open as a server may have.

#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

constexpr std::string_view kGet = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kGetOnce = "GET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

http::ServerLimits bound_of(std::size_t connections) {
    http::ServerLimits limits;
    limits.max_connections = connections;
    return limits;
}

// While it lives, no descriptor is left to the process.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int next = ::dup(0);
        ::close(next);
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(next);
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// Requests that are answered when the test says so.
class Gate {
public:
    explicit Gate(boost::asio::io_context& shard) : opened_(shard) {}

    runtime::Awaitable<Response> pass() {
        ++inside_;
        while (!open_)
            co_await opened_.wait(Deadline::after(std::chrono::seconds(20)));
        co_return Response{};
    }
    void open() {
        open_ = true;
        opened_.notify_all();
    }
    int inside() const { return inside_; }

private:
    runtime::Wakeup opened_;
    bool open_ = false;
    std::atomic<int> inside_ = 0; // the test's thread reads it
};

Route gate_route(std::unique_ptr<Gate>& gate) {
    return {.method = "GET", .path = "/gate", .handle = [&gate](const Request&) { return gate->pass(); }};
}

} // namespace

TEST_CASE("a connection beyond the bound waits until a busy one has ended", "[http_server]") {
    std::unique_ptr<Gate> gate;
    TransportServer server({echo_route("GET", "/echo"), gate_route(gate)}, bound_of(2));
    server.on_shard([&] { gate = std::make_unique<Gate>(server.context()); });
    std::vector<TransportClient> busy;
    for (int i = 0; i < 2; ++i) {
        busy.push_back(server.connect());
        busy.back().send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    wait_until([&] { return gate->inside() == 2; });
    std::vector<TransportClient> waiting;
    for (int i = 0; i < 20; ++i) {
        waiting.push_back(server.connect());
        waiting.back().send(kGetOnce);
    }
    wait_until([&] { return server.connections().bound_reached == 1; });
    CHECK(server.connections().open == 2);
    CHECK(server.connections().bound == 2);
    server.on_shard([&] { gate->open(); });
    for (auto& client : waiting) {
        const auto answer = client.receive();
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(client.at_end());
    }
    for (auto& client : busy) {
        const auto answer = client.receive();
        REQUIRE(answer);
        CHECK(answer->headers.at("connection") == "close"); // for those that waited
    }
    CHECK(server.connections().bound_reached == 1);
}

TEST_CASE("idle connections make way for those that wait, the longest idle first", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")}, bound_of(3));
    std::vector<TransportClient> idle;
    for (int i = 0; i < 3; ++i) {
        idle.push_back(server.connect());
        CHECK(idle.back().exchange(kGet)->status == 200);
    }
    CHECK(idle.front().exchange(kGet)->status == 200); // the second is now the one that rests longest
    auto next = server.connect();
    CHECK(next.exchange(kGet)->status == 200);
    CHECK(idle[1].at_end());
    CHECK_FALSE(idle[1].was_reset());
    CHECK(idle[2].exchange(kGet)->status == 200);
    CHECK(idle[0].exchange(kGet)->status == 200);
}

TEST_CASE("connections that never send anything do not shut others out", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")}, bound_of(10));
    std::vector<TransportClient> silent;
    for (int i = 0; i < 500; ++i)
        silent.push_back(server.connect());
    auto client = server.connect();
    const auto answer = client.exchange(kGet);
    REQUIRE(answer);
    CHECK(answer->status == 200);
}

TEST_CASE("clients that take no pause between requests do not shut others out", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")}, bound_of(2));
    std::atomic<bool> done = false;
    std::atomic<int> lost = 0;
    std::vector<std::thread> eager;
    for (int i = 0; i < 2; ++i)
        eager.emplace_back([&] {
            while (!done) {
                auto client = server.connect();
                for (bool open = true; open && !done;) {
                    const auto answer = client.exchange(kGet);
                    lost += answer ? 0 : 1;
                    open = answer && !answer->headers.contains("connection");
                }
            }
        });
    for (int i = 0; i < 20; ++i)
        CHECK(server.connect().exchange(kGetOnce)->status == 200);
    done = true;
    for (auto& thread : eager)
        thread.join();
    CHECK(lost == 0);
}

TEST_CASE("many connections with a request each are all answered, however small the bound", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")}, bound_of(10));
    std::vector<TransportClient> clients;
    for (int i = 0; i < 300; ++i) { // the last ones are taken when they have waited longer than a silent one may
        clients.push_back(server.connect());
        clients.back().send(kGet);
    }
    int answered = 0;
    for (auto& client : clients)
        if (const auto answer = client.receive())
            answered += answer->status == 200 ? 1 : 0;
    CHECK(answered == 300);
}

TEST_CASE("those that wait when a stop begins are answered, beyond the bound too", "[http_server]") {
    std::unique_ptr<Gate> gate;
    TransportServer server({echo_route("GET", "/echo"), gate_route(gate)}, bound_of(1));
    server.on_shard([&] { gate = std::make_unique<Gate>(server.context()); });
    auto busy = server.connect();
    busy.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    wait_until([&] { return gate->inside() == 1; });
    std::vector<TransportClient> waiting;
    for (int i = 0; i < 50; ++i) {
        waiting.push_back(server.connect());
        waiting.back().send(kGet);
    }
    auto stopping = std::async(std::launch::async, [&] { server.stop(); });
    for (auto& client : waiting) {
        const auto answer = client.receive();
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(answer->headers.at("connection") == "close");
    }
    server.on_shard([&] { gate->open(); });
    CHECK(busy.receive()->status == 200);
    stopping.get();
}

TEST_CASE("without a free descriptor the server waits and goes on", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")});
    TransportClient waiting(TransportClient::unconnected);
    {
        const NoDescriptors none;
        waiting.connect(server.port());
        waiting.send(kGet);
    }
    CHECK(waiting.receive()->status == 200);
}

TEST_CASE("without a free descriptor an idle connection makes way", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")});
    auto idle = server.connect();
    CHECK(idle.exchange(kGet)->status == 200);
    TransportClient waiting(TransportClient::unconnected);
    const NoDescriptors none;
    waiting.connect(server.port());
    CHECK(waiting.exchange(kGet)->status == 200);
    CHECK(idle.at_end());
}
