#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <optional>
#include <thread>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

// A handler that answers when it is told to.
struct Held {
    explicit Held(boost::asio::io_context& shard) : released(shard) {}
    runtime::Wakeup released;
    std::promise<void> entered;
    bool open = false;
};

runtime::Awaitable<Response> hold(std::unique_ptr<Held>& held) {
    held->entered.set_value();
    while (!held->open)
        co_await held->released.wait(Deadline::after(2 * kPatience));
    co_return Response{};
}

Route held_route(std::unique_ptr<Held>& held) {
    return {.method = "GET", .path = "/held", .handle = [&held](const Request&) { return hold(held); }};
}

void release(TransportServer& server, std::unique_ptr<Held>& held) {
    server.on_shard([&] {
        held->open = true;
        held->released.notify_all();
    });
}

} // namespace

TEST_CASE("a stop closes idle connections and takes no new ones", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")});
    auto never_used = server.connect();
    auto used = server.connect();
    CHECK(used.get("/echo")->status == 200);
    const auto port = server.port();
    server.stop();
    CHECK(used.at_end());
    CHECK(never_used.at_end());
    CHECK_THROWS(TransportClient(port));
}

TEST_CASE("a request on its way when a stop begins is answered", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")});
    auto used = server.connect();
    CHECK(used.get("/echo")->status == 200);
    auto fresh = server.connect();
    std::optional<TransportClient> waits;
    // While the server's thread is busy, so that all of it lies in the kernel when the stop begins.
    std::promise<void> busy, sent;
    std::thread holder([&] {
        server.on_shard([&] {
            busy.set_value();
            sent.get_future().wait();
        });
    });
    busy.get_future().wait();
    waits.emplace(server.connect()); // nobody has accepted it
    for (auto* client : {&used, &fresh, &*waits})
        client->send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    auto stopping = std::async(std::launch::async, [&] { server.stop(); });
    sent.set_value();
    holder.join();
    for (auto* client : {&used, &fresh, &*waits}) {
        const auto answer = client->receive();
        REQUIRE(answer);
        CHECK(answer->status == 200);
        CHECK(client->at_end());
    }
    stopping.get();
}

TEST_CASE("a request under way is answered before the stop is over", "[http_server]") {
    std::unique_ptr<Held> held;
    TransportServer server({held_route(held)});
    server.on_shard([&] { held = std::make_unique<Held>(server.context()); });
    auto client = server.connect();
    client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
    held->entered.get_future().wait();
    auto stopping = std::async(std::launch::async, [&] { server.stop(); });
    // The stop is under way once the listener is gone.
    for (bool listening = true; listening;) {
        try {
            TransportClient probe(server.port());
        } catch (const std::runtime_error&) {
            listening = false;
        }
    }
    release(server, held);
    const auto answer = client.receive();
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->headers.at("connection") == "close");
    CHECK(client.at_end());
    stopping.get();
}

TEST_CASE("a handler that hangs does not hold up the stop", "[http_server]") {
    std::unique_ptr<Held> held;
    TransportServer server({held_route(held)});
    server.on_shard([&] { held = std::make_unique<Held>(server.context()); });
    auto client = server.connect();
    client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
    held->entered.get_future().wait();
    const auto started = std::chrono::steady_clock::now();
    server.stop(std::chrono::milliseconds(50));
    CHECK(std::chrono::steady_clock::now() - started < kPatience);
    CHECK_FALSE(client.receive());
    release(server, held);
    server.stop(); // returns once the handler has ended
}

TEST_CASE("a half-sent request is cut at the deadline of the stop", "[http_server]") {
    TransportServer server({echo_route()});
    auto client = server.connect();
    CHECK(client.exchange("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nxPOST /echo HT")->status == 200);
    server.stop(std::chrono::milliseconds(50));
    CHECK(client.at_end());
}

TEST_CASE("servers start and stop under load, again and again", "[http_server]") {
    for (int round = 0; round < 20; ++round) {
        TransportServer server({echo_route("GET", "/echo")});
        std::vector<TransportClient> clients;
        for (int i = 0; i < 10; ++i)
            clients.push_back(server.connect());
        for (auto& client : clients)
            client.send("GET /echo HTTP/1.1\r\nHost: x\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n\r\n");
        server.stop();
        for (auto& client : clients)
            while (client.receive()) {
            }
    }
}
