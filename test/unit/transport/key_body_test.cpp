#include "transport/key_body.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;
using transport::read_key_request;
using transport::read_overlap;

namespace {

const Timestamp kAsked{std::chrono::hours(500'000)};

// `status code field:code …`
std::string problem_of(std::string_view body) {
    const auto read = read_key_request(body, kAsked);
    if (std::holds_alternative<app::KeyRequest>(read))
        return "none";
    const auto& problem = std::get<http::Problem>(read);
    auto text = std::to_string(problem.status) + " " + problem.code;
    for (const auto& error : problem.errors)
        text.append(" ").append(error.field).append(":").append(error.code);
    return text;
}

} // namespace

TEST_CASE("key body: what is asked for", "[transport][keys]") {
    const auto all = read_key_request(R"({"name":"till 7","tenant":"clinic","scopes":["admin","broadcasts:read"],
                                          "expires_at":"2100-01-01T00:00:00Z"})",
                                      kAsked);
    REQUIRE(std::holds_alternative<app::KeyRequest>(all));
    const auto& request = std::get<app::KeyRequest>(all);
    CHECK(request.name == "till 7");
    CHECK(request.tenant == "clinic");
    CHECK(request.scopes == Scopes{Scope::admin, Scope::broadcasts_read});
    CHECK(request.expires_at == parse_rfc3339("2100-01-01T00:00:00Z"));
    const auto least = read_key_request(R"({"name":"x","scopes":["admin"]})", kAsked);
    REQUIRE(std::holds_alternative<app::KeyRequest>(least));
    CHECK(std::get<app::KeyRequest>(least).tenant == "default");
    CHECK_FALSE(std::get<app::KeyRequest>(least).expires_at);
}

TEST_CASE("key body: every mistake at once", "[transport][keys]") {
    CHECK(problem_of("[]") == "400 malformed_json");
    CHECK(problem_of("{") == "400 malformed_json");
    CHECK(problem_of("") == "422 invalid_key name:invalid scopes:invalid");
    CHECK(problem_of(R"({"name":"","tenant":"A B","scopes":["x"],"expires_at":"1999-01-01T00:00:00Z","secret":"s"})") ==
          "422 invalid_key secret:unknown_field name:invalid tenant:invalid scopes:invalid expires_at:invalid");
    CHECK(problem_of(R"({"name":7,"tenant":7,"scopes":"admin","expires_at":7})") ==
          "422 invalid_key expires_at:not_a_time name:invalid tenant:invalid scopes:invalid");
    CHECK(problem_of(R"({"name":"x","scopes":["admin",7]})") == "422 invalid_key scopes:invalid");
    CHECK(problem_of(R"({"name":"x","scopes":[]})") == "422 invalid_key scopes:invalid");
}

TEST_CASE("key body: of fields that nobody knows twenty are listed", "[transport][keys]") {
    std::string body = R"({"name":"x","scopes":["admin"])";
    for (int i = 0; i < 1000; ++i)
        body += ",\"f" + std::to_string(i) + "\":0";
    const auto read = read_key_request(body + "}", kAsked);
    CHECK(std::get<http::Problem>(read).errors.size() == 20);
}

TEST_CASE("key body: how long the old key goes on", "[transport][keys]") {
    CHECK(std::get<std::chrono::milliseconds>(read_overlap("")) == 24h);
    CHECK(std::get<std::chrono::milliseconds>(read_overlap("{}")) == 24h);
    CHECK(std::get<std::chrono::milliseconds>(read_overlap(R"({"overlap_seconds":0})")) == 0ms);
    CHECK(std::get<std::chrono::milliseconds>(read_overlap(R"({"overlap_seconds":2592000})")) == 720h);
    for (const auto* body : {R"({"overlap_seconds":-1})", R"({"overlap_seconds":2592001})",
                             R"({"overlap_seconds":1.5})", R"({"overlap_seconds":"1"})", R"({"overlap":1})", "7"})
        CHECK(std::holds_alternative<http::Problem>(read_overlap(body)));
}
