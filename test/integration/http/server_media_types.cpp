#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

runtime::Awaitable<Response> answer_as(std::string_view reader, const Request& request) {
    Response response;
    response.body = std::string(reader) + ": " + std::string(request.body);
    co_return response;
}

http::BodyReader whole(std::string_view media_type) {
    return {.media_type = media_type,
            .handle = [media_type](const Request& request) { return answer_as(media_type, request); }};
}

// JSON and CSV as a whole, and lines of JSON piece by piece.
Route route(Seen& seen) {
    auto lines = sink_route(seen, 0).readers.front();
    lines.media_type = "application/x-ndjson";
    return {.method = "POST",
            .path = "/list",
            .max_body = 1000,
            .readers = {whole("application/json"), whole("text/csv"), std::move(lines)}};
}

} // namespace

TEST_CASE("a body goes to the reader of its media type", "[http_server]") {
    Seen seen;
    TransportServer server({route(seen)});
    auto client = server.connect();
    CHECK(client.post("/list", "{}")->body == "application/json: {}");
    CHECK(client.post("/list", "1,2", "Text/CSV; header=present")->body == "text/csv: 1,2");
    CHECK(client.post("/list", "12345", "application/x-ndjson")->body == "5");
    CHECK(seen.sink_bytes == 5);
}

TEST_CASE("a body of another type is told all that are taken", "[http_server]") {
    Seen seen;
    TransportServer server({route(seen)});
    auto client = server.connect();
    for (const auto* type : {"text/plain", "text/csv2", "application/*", "text", ""}) {
        const auto answer = client.post("/list", "x", type);
        INFO(type);
        REQUIRE(answer);
        CHECK(answer->status == 415);
        CHECK(answer->headers.at("accept") == "application/json, text/csv, application/x-ndjson");
    }
    CHECK(client.post("/list", "{}")->status == 200);
}

TEST_CASE("a request without a body needs no type, and goes to the first reader", "[http_server]") {
    Seen seen;
    TransportServer server({route(seen)});
    auto client = server.connect();
    CHECK(client.post("/list", "", "")->body == "application/json: ");
    CHECK(client.post("/list", "", "text/csv")->body == "text/csv: ");
    CHECK(client.post("/list", "", "text/plain")->status == 415);
}
