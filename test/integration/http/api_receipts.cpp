#include "server_fixture.hpp"
#include "support/fake_transport_clock.hpp"
#include "support/fake_transport_receipts.hpp"

#include "smsbcast/transport/ops_api.hpp"
#include "smsbcast/transport/receipt_api.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

// The webhook over a store in memory.
class ReceiptWorld {
public:
    ReceiptWorld() : server({forward_route()}), client(server.connect()) {
        server.on_shard([this] {
            clock = std::make_unique<FakeTransportClock>(server.context());
            apply = std::make_unique<app::ApplyReceipts>(store, *clock, app::ReceiptOptions{});
            transport::ReceiptApiOptions options;
            options.timeout = std::chrono::seconds(3);
            api = std::make_unique<transport::ReceiptApi>(*apply, door, options);
            route = api->routes().front();
        });
        server.spawn([this] { return apply->run(); });
    }
    ~ReceiptWorld() {
        server.on_shard([this] { apply->stop(); });
        server.stop();
    }

    std::optional<HttpAnswer> receipt(std::string_view body, const std::string& query = {}) {
        return client.post("/dlr" + query, body);
    }

    FakeTransportReceipts store;
    std::unique_ptr<FakeTransportClock> clock;
    std::unique_ptr<app::ApplyReceipts> apply;
    transport::ReceiptDoor door{{.unsigned_too = true}};
    std::unique_ptr<transport::ReceiptApi> api;
    http::Route route;
    TransportServer server;
    TransportClient client;

private:
    // The use case belongs to the server's shard, so it is made after the server.
    http::Route forward_route() {
        return {.method = "POST", .path = "/dlr", .handle = [this](const http::Request& request) {
                    return route.handle(request);
                }};
    }
};

} // namespace

TEST_CASE("a receipt is answered after it was stored", "[api]") {
    ReceiptWorld world;
    const auto id = new_uuid();
    const auto answer = world.receipt(R"({"provider_id":"p1","status":"delivered"})", "?message_id=" + to_string(id));
    REQUIRE(answer);
    CHECK(answer->status == 204);
    CHECK(answer->headers.count("content-length") == 0);
    CHECK(world.receipt(R"({"provider_id":"p2","status":"failed","error_code":"E1","when":"now"})")->status == 204);
    REQUIRE(world.store.stored.size() == 2);
    CHECK(world.store.stored[0].message == MessageId{id});
    CHECK(world.store.stored[0].delivered);
    CHECK(world.store.stored[1].error_code == "E1");
    CHECK_FALSE(world.store.stored[1].message);
    CHECK(world.receipt(R"({"status":"delivered"})", "?message_id=" + to_string(id))->status == 204);
    CHECK(world.store.stored.back().provider_id.empty());
}

TEST_CASE("a receipt needs no content type", "[api]") {
    ReceiptWorld world;
    CHECK(world.client.post("/dlr", R"({"provider_id":"p1","status":"delivered"})", "")->status == 204);
    CHECK(world.client.post("/dlr", R"({"provider_id":"p1","status":"delivered"})", "text/plain")->status == 204);
}

TEST_CASE("a bad receipt is a 400 and nothing is stored", "[api]") {
    ReceiptWorld world;
    for (const auto* body : {"", "x", "[]", "{}", R"({"provider_id":"p"})", R"({"status":"failed"})",
                             R"({"provider_id":"p","status":"lost"})"}) {
        const auto answer = world.receipt(body);
        REQUIRE(answer);
        CHECK(answer->status == 400);
        CHECK(answer->headers.at("content-type") == "application/problem+json");
    }
    CHECK(world.receipt(R"({"status":"failed"})", "?message_id=x")->status == 400);
    CHECK(world.client.get("/dlr")->status == 405);
    CHECK(world.store.stored.empty());
    CHECK(world.receipt(R"({"provider_id":"p","status":"failed"})")->status == 204);
}

TEST_CASE("a receipt that could not be stored is to be sent again", "[api]") {
    ReceiptWorld world;
    world.server.on_shard([&] { world.store.fails = Errc::unavailable; });
    const auto answer = world.receipt(R"({"provider_id":"p","status":"failed"})");
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->headers.count("retry-after") == 1);
}

TEST_CASE("health tells alive from ready", "[api]") {
    transport::Readiness readiness;
    TransportServer server(transport::ops_routes(readiness, {"dlr", {"dlr", "api"}}));
    auto client = server.connect();
    const auto body = [&](const char* target) { return boost::json::parse(client.get(target)->body); };
    CHECK(body("/health") == boost::json::parse(R"({"status":"ok","role":"dlr"})"));
    CHECK(client.get("/health/live")->status == 200);
    CHECK(body("/health/ready") ==
          boost::json::parse(R"({"status":"ready","role":"dlr","process":["dlr","api"],"checks":{}})"));
    server.on_shard([&] {
        readiness.set("database", false, "cannot be reached");
        readiness.set("queue", true);
    });
    CHECK(client.get("/health/ready")->status == 503);
    CHECK(body("/health/ready") == boost::json::parse(R"({"status":"not_ready","role":"dlr","process":["dlr","api"],
        "checks":{"database":"cannot be reached","queue":"ok"}})"));
    server.on_shard([&] { readiness.set("database", true); });
    CHECK(client.get("/health/ready")->status == 200);
    server.on_shard([&] {
        readiness.tell("provider", [] {
            return transport::Readiness::Details{{"circuit", "open"}, {"limit", 3}, {"more", std::monostate()}};
        });
    });
    CHECK(client.get("/health/ready")->status == 200);
    CHECK(body("/health/ready") == boost::json::parse(R"({"status":"ready","role":"dlr","process":["dlr","api"],
        "checks":{"database":"ok","queue":"ok"},"provider":{"circuit":"open","limit":3,"more":null}})"));
    server.on_shard([&] { readiness.stop(); });
    CHECK(client.get("/health/ready")->status == 503);
    CHECK(client.get("/health")->status == 200);
}
