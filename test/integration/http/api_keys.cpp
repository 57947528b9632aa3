// Who gets in at the API, and what it says to the others.

#include "api_fixture.hpp"
#include "guarded_api.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace smsbcast;
using namespace smsbcast::test;

namespace {

// A target that the route takes.
std::string target_of(std::string path) {
    if (const auto at = path.find("{}"); at != std::string::npos)
        path.replace(at, 2, to_string(new_uuid()));
    return path;
}

Scopes all_but(Scope left_out) {
    Scopes scopes;
    for (const auto scope : kScopes)
        if (scope != left_out)
            scopes.add(scope);
    return scopes;
}

std::string code_of(const std::optional<HttpAnswer>& answer) {
    return std::string(body_of(answer).at("code").as_string());
}

} // namespace

TEST_CASE("every route asks for a key, and for its own scope", "[api][keys]") {
    GuardedApi api;
    REQUIRE(api.table.size() >= 16);
    for (const auto& route : api.table) {
        INFO(route.method << " " << route.path);
        const auto target = target_of(route.path);
        REQUIRE(route.scope);
        const auto stranger = api.call(route.method, target, {});
        REQUIRE(stranger);
        CHECK(stranger->status == 401);
        CHECK(stranger->headers.at("www-authenticate") == R"(Bearer realm="smsbcast")");
        CHECK(code_of(stranger) == "unauthenticated");
        const auto unfit = api.call(route.method, target, api.add_key(all_but(*route.scope)));
        REQUIRE(unfit);
        CHECK(unfit->status == 403);
        CHECK(unfit->headers.at("www-authenticate") ==
              R"(Bearer realm="smsbcast", error="insufficient_scope", scope=")" + std::string(to_string(*route.scope)) +
                  "\"");
        const auto fit = api.call(route.method, target, api.add_key({*route.scope}));
        REQUIRE(fit);
        CHECK(fit->status != 401);
        CHECK(fit->status != 403);
        CHECK(fit->status < 500);
    }
}

TEST_CASE("each way of not having a key has an answer of its own", "[api][keys]") {
    GuardedApi api;
    const auto good = api.add_key({Scope::broadcasts_read});
    CHECK(api.call("GET", "/api/broadcasts", good)->status == 200);
    auto mistyped = good;
    std::swap(mistyped[20], mistyped[good.find_first_not_of(good[20], 20)]);
    for (const auto& token : {std::string("nonsense"), mistyped, to_string(new_key_token())}) {
        const auto answer = api.call("GET", "/api/broadcasts", token);
        REQUIRE(answer);
        CHECK(answer->status == 401);
        CHECK(answer->headers.at("www-authenticate") == R"(Bearer realm="smsbcast", error="invalid_token")");
        CHECK(code_of(answer) == "invalid_token");
        CHECK(answer->body.find(token) == std::string::npos);
    }
    auto client = api.server->connect();
    const auto field = "Authorization: Bearer " + good + "\r\n";
    CHECK(client.exchange("GET /api/broadcasts HTTP/1.1\r\nHost: x\r\n" + field + field + "\r\n")->status == 400);
    CHECK(api.call("GET", "/api/broadcasts?access_token=" + good, {})->status == 401);
}

TEST_CASE("while the store does not say whose key it is, the answer is to try again", "[api][keys]") {
    GuardedApi api;
    api.server->on_shard([&] { api.keys.failing = Errc::unavailable; });
    const auto answer = api.call("GET", "/api/broadcasts", to_string(new_key_token()));
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->headers.count("retry-after") == 1);
}

TEST_CASE("a broadcast is not there for another tenant", "[api][keys]") {
    GuardedApi api;
    const Scopes scopes{Scope::broadcasts_read, Scope::broadcasts_write};
    const auto clinic = api.add_key(scopes, "clinic"), school = api.add_key(scopes, "school");
    const auto made = api.call("POST", "/api/broadcasts", clinic, R"({"message":"Hi","recipients":["+66812345678"]})");
    REQUIRE(made);
    REQUIRE(made->status == 201);
    const auto place = made->headers.at("location");
    CHECK(api.call("GET", place, clinic)->status == 200);
    CHECK(api.call("GET", place, school)->status == 404);
    CHECK(body_of(api.call("GET", "/api/broadcasts", school)).at("data").as_array().empty());
    CHECK(body_of(api.call("GET", "/api/broadcasts", clinic)).at("data").as_array().size() == 1);
    for (const auto* command : {"/pause", "/resume", "/cancel"})
        CHECK(api.call("POST", place + command, school)->status == 404);
    CHECK(api.call("GET", place + "/messages", school)->status == 404);
}

TEST_CASE("an administrator makes, sees, rotates and ends keys", "[api][keys]") {
    GuardedApi api;
    const auto admin = api.add_key({Scope::admin});
    const auto made =
        api.call("POST", "/api/keys", admin, R"({"name":"till 7","tenant":"clinic","scopes":["broadcasts:read"]})");
    REQUIRE(made);
    CHECK(made->status == 201);
    CHECK(made->headers.at("cache-control") == "no-store");
    const auto key = body_of(made);
    const std::string token(key.at("token").as_string()), prefix(key.at("prefix").as_string());
    const auto place = "/api/keys/" + prefix;
    CHECK(made->headers.at("location") == place);
    CHECK(key.at("tenant") == "clinic");
    CHECK(key.at("scopes") == boost::json::value{"broadcasts:read"});
    CHECK(key.at("revoked_at").is_null());
    CHECK(api.call("GET", "/api/broadcasts", token)->status == 200);

    const auto shown = api.call("GET", place, admin);
    CHECK(shown->status == 200);
    CHECK(shown->body.find("token") == std::string::npos);
    const auto rotated = api.call("POST", place + "/rotate", admin, R"({"overlap_seconds":3600})");
    REQUIRE(rotated);
    CHECK(rotated->status == 201);
    CHECK_FALSE(body_of(api.call("GET", place, admin)).at("expires_at").is_null());
    CHECK(api.call("GET", "/api/broadcasts", body_of(rotated).at("token").as_string())->status == 200);

    const auto revoked = api.call("DELETE", place, admin);
    CHECK(revoked->status == 200);
    CHECK_FALSE(body_of(revoked).at("revoked_at").is_null());
    CHECK(api.call("DELETE", place, admin)->status == 200);
    CHECK(api.call("POST", place + "/rotate", admin)->status == 409);
    for (const auto* method : {"GET", "DELETE"})
        CHECK(api.call(method, "/api/keys/0000000000", admin)->status == 404);
    CHECK(api.call("GET", "/api/keys/%ff%fe", admin)->status == 404);
}

TEST_CASE("keys are listed page by page, without their secrets", "[api][keys]") {
    GuardedApi api;
    const auto admin = api.add_key({Scope::admin});
    for (int i = 0; i < 4; ++i)
        api.add_key({Scope::broadcasts_read});
    std::vector<std::string> prefixes;
    std::string cursor;
    do {
        const auto page = api.call("GET", "/api/keys?limit=2" + cursor, admin);
        REQUIRE(page);
        REQUIRE(page->status == 200);
        CHECK(page->body.find("token") == std::string::npos);
        const auto body = body_of(page);
        for (const auto& key : body.at("data").as_array())
            prefixes.emplace_back(key.at("prefix").as_string());
        const auto& next = body.at("next_cursor");
        cursor = next.is_null() ? "" : "&cursor=" + std::string(next.as_string());
    } while (!cursor.empty());
    CHECK(prefixes.size() == 5);
    CHECK(std::ranges::is_sorted(prefixes));
    CHECK(api.call("GET", "/api/keys?cursor=nonsense", admin)->status == 422);
    CHECK(api.call("GET", "/api/keys?limit=0", admin)->status == 422);
}

TEST_CASE("a key that is asked for wrongly is told every mistake", "[api][keys]") {
    GuardedApi api;
    const auto admin = api.add_key({Scope::admin});
    const auto answer = api.call("POST", "/api/keys", admin, R"({"name":"","scopes":[],"colour":"red"})");
    CHECK(answer->status == 422);
    CHECK(errors_of(answer) == std::vector<std::string>{"colour:unknown_field", "name:invalid", "scopes:invalid"});
}
