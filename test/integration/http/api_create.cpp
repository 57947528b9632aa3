#include "api_fixture.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

using Codes = std::vector<std::string>;
constexpr std::string_view kGood = R"({"message":"hi","recipients":["+66812345678","+66812345679","+66812345678"]})";

// A refused document: nothing is stored, and the connection takes the next one.
void check_refused(ApiWorld& world, std::string_view body, int status, const std::string& code, const Codes& errors) {
    INFO(body.substr(0, 200));
    const auto answer = world.create(body);
    REQUIRE(answer);
    CHECK(answer->status == status);
    CHECK(answer->headers.at("content-type") == "application/problem+json");
    const auto problem = body_of(answer);
    CHECK(problem.at("code") == code.c_str());
    CHECK(problem.at("request_id") == answer->headers.at("x-request-id").c_str());
    CHECK(errors_of(answer) == errors);
    CHECK(world.store.created.empty());
    CHECK(world.client.get("/api/broadcasts")->status == 200);
}

std::string numbers(int count) {
    std::string list;
    for (int i = 0; i < count; ++i)
        list += (i > 0 ? ",\"+668100" : "\"+668100") + std::to_string(10000 + i) + "\"";
    return list;
}

} // namespace

TEST_CASE("a broadcast is created once it is stored", "[api]") {
    ApiWorld world;
    const auto answer = world.create(kGood);
    REQUIRE(answer);
    CHECK(answer->status == 201);
    REQUIRE(world.store.created.size() == 1);
    const auto& stored = world.store.created.front();
    CHECK(answer->headers.at("location") == "/api/broadcasts/" + to_string(stored.id));
    CHECK(body_of(answer) ==
          boost::json::parse(R"({"broadcast_id":")" + to_string(stored.id) +
                             R"(","status":"running","total_recipients":2,"duplicates_removed":1})"));
    CHECK(stored.text == "hi");
    CHECK(stored.recipients.size() == 2);
    CHECK_FALSE(stored.name);
    CHECK(world.create(R"({"body":"ho","name":"n","recipients":["+66812345678"]})")->status == 201);
    CHECK(world.store.created.back().text == "ho");
    CHECK(world.store.created.back().name == "n");
}

TEST_CASE("a large broadcast arrives in pieces, with and without a length", "[api]") {
    ApiWorld world({.max_recipients = 200'000, .max_message_chars = 160, .ticket_size = 100});
    std::string body = R"({"message":"hi","recipients":[)";
    for (int i = 0; i < 100'000; ++i)
        body += (i > 0 ? ",\"+66810" : "\"+66810") + std::to_string(100000 + i) + "\"";
    body += "]}";
    CHECK(body_of(world.create(body)).at("total_recipients") == 100'000);
    std::string chunked = "POST /api/broadcasts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 4096) {
        char size[16];
        const auto piece = std::string_view(body).substr(at, 4096);
        std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
        chunked.append(size).append(piece).append("\r\n");
    }
    CHECK(body_of(world.client.exchange(chunked + "0\r\n\r\n")).at("total_recipients") == 100'000);
    CHECK(world.store.created.back().recipients == world.store.created.front().recipients);
}

TEST_CASE("uploads share a budget, and one that is alone always passes", "[api]") {
    ApiWorld world({.max_recipients = 300, .max_message_chars = 20, .ticket_size = 100}, {.max_uploads = 1000});
    const auto large = R"({"message":"hi","recipients":[)" + numbers(300) + "]}";
    REQUIRE(large.size() > 4000);
    CHECK(world.create(large)->status == 201);

    // A part of one lies in memory.
    const auto part = large.substr(0, 2000), rest = large.substr(part.size());
    auto other = world.server.connect();
    REQUIRE(other
                .exchange("POST /api/broadcasts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                          "Expect: 100-continue\r\nContent-Length: " +
                          std::to_string(large.size()) + "\r\n\r\n")
                ->status == 100);
    REQUIRE(other.send(part));
    const auto refused = world.create(kGood);
    CHECK(refused->status == 503);
    CHECK(body_of(refused).at("code") == "overloaded");
    CHECK(refused->headers.contains("retry-after"));

    REQUIRE(other.send(rest));
    CHECK(other.receive()->status == 201);
    CHECK(world.create(large)->status == 201);
}

TEST_CASE("bad input is refused with every mistake named", "[api]") {
    ApiWorld world;
    const auto refused = [&](std::string_view body, const Codes& errors) {
        check_refused(world, body, 422, "invalid_broadcast", errors);
    };
    check_refused(world, "", 400, "empty_body", {});
    check_refused(world, "not json", 400, "malformed_json", {});
    check_refused(world, R"({"message":"hi")", 400, "malformed_json", {});
    check_refused(world, "[1,2]", 400, "not_an_object", {});
    refused("{}", {"message:missing", "recipients:missing"});
    refused(R"({"recipients":["+66812345678"]})", {"message:missing"});
    refused(R"({"message":"","recipients":["+66812345678"]})", {"message:empty"});
    refused(R"({"message":"hi","recipients":[]})", {"recipients:empty"});
    refused(R"({"message":["hi"],"recipients":{"a":"+66812345678"},"name":false})",
            {"message:wrong_type", "recipients:wrong_type", "name:wrong_type"});
    refused(R"({"message":"hi\u0000","recipients":["+66812345678"]})", {"message:has_nul"});
    refused("{\"message\":\"\xff\",\"recipients\":[\"+66812345678\"]}", {"message:not_utf8"});
    refused(R"({"message":"123456789012345678901","recipients":["+66812345678"]})", {"message:too_long"});
    refused(R"({"message":"hi","recipients":[)" + numbers(301) + "]}", {"recipients:too_many"});
    refused(R"({"message":"hi","recipients":["+66812345678","0812345678","+1","+66 81",7,"+66812345678901234"]})",
            {"recipients[1]:missing_plus", "recipients[2]:too_short", "recipients[3]:not_a_digit",
             "recipients[4]:not_a_string", "recipients[5]:too_long"});
    CHECK(world.create(kGood)->status == 201);
}

TEST_CASE("a broadcast is created with a deadline", "[api]") {
    ApiWorld world;
    const auto body = [](const std::string& expires_at) {
        return R"({"message":"hi","recipients":["+66812345678"],"expires_at":")" + expires_at + "\"}";
    };
    const auto now = std::chrono::floor<std::chrono::milliseconds>(wall_clock());
    const auto refused = [&](Timestamp time, const std::string& code) {
        check_refused(world, body(to_rfc3339(time)), 422, "invalid_broadcast", {"expires_at:" + code});
    };
    refused(now, "in_the_past");
    refused(now + kMaxExpiry + std::chrono::hours(1), "too_far");
    check_refused(world, body("2026-12-24 18:00"), 422, "invalid_broadcast", {"expires_at:not_a_time"});
    CHECK(world.create(body(to_rfc3339(now + std::chrono::hours(1))))->status == 201);
    REQUIRE(world.store.created.size() == 1);
    CHECK(world.store.created.front().expires_at == now + std::chrono::hours(1));
}

TEST_CASE("of 250 wrong recipients 100 are listed and the rest is counted", "[api]") {
    ApiWorld world;
    std::string body = R"({"message":"hi","recipients":[)";
    for (int i = 0; i < 250; ++i)
        body += i > 0 ? ",\"12\"" : "\"12\"";
    const auto answer = world.create(body + "]}");
    CHECK(answer->status == 422);
    CHECK(errors_of(answer).size() == 100);
    CHECK(errors_of(answer).back() == "recipients[99]:missing_plus");
    const std::string detail(body_of(answer).at("detail").as_string());
    CHECK(detail.find("Wrong recipients: 250. The first 100 are listed.") != std::string::npos);
}

TEST_CASE("creating checks method, type and size before the body", "[api]") {
    ApiWorld world({.max_recipients = 300, .max_message_chars = 20, .ticket_size = 100}, {.max_body = 1000});
    CHECK(world.client.post("/api/broadcasts", kGood, "text/plain")->status == 415);
    CHECK(world.client.exchange("PUT /api/broadcasts HTTP/1.1\r\nHost: x\r\n\r\n")->headers.at("allow") ==
          "POST, GET, HEAD");
    CHECK(world.create(std::string(1001, ' '))->status == 413);
    CHECK(world.client.post("/api/broadcasts", kGood, "application/json; charset=utf-8")->status == 201);
}

TEST_CASE("a store that cannot is a 503 that says when to come back", "[api]") {
    ApiWorld world;
    for (const auto error : {Errc::unavailable, Errc::timeout, Errc::overloaded}) {
        world.server.on_shard([&] { world.store.fails = error; });
        const auto answer = world.create(kGood);
        CHECK(answer->status == 503);
        CHECK(answer->headers.count("retry-after") == 1);
        CHECK_FALSE(body_of(answer).as_object().contains("detail"));
    }
    world.server.on_shard([&] { world.store.fails = Errc::internal; });
    CHECK(world.create(kGood)->status == 500);

    // Whoever repeats this one may send everything twice, so it does not ask for that, and says where to look.
    world.server.on_shard([&] { world.store.fails = Errc::uncertain; });
    const auto unknown = world.create(kGood);
    CHECK(unknown->status == 500);
    CHECK(body_of(unknown).at("code") == "outcome_unknown");
    CHECK(unknown->headers.count("retry-after") == 0);
    CHECK(unknown->headers.at("location").starts_with("/api/broadcasts/"));
    CHECK(body_of(unknown).at("detail").as_string().find(unknown->headers.at("location")) != std::string::npos);
}
