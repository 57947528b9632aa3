#include "commands/key_order.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace smsbcast;
using namespace std::chrono_literals;
using commands::KeyOrder;
using commands::read_order;

namespace {

const Timestamp kNow{std::chrono::hours(500'000)};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("key order: what the command line asks for", "[commands][keys]") {
    const auto read = read_order({"till 7", "broadcasts:write,broadcasts:read", "clinic", "2h"}, kNow);
    REQUIRE(std::holds_alternative<app::KeyRequest>(read));
    const auto& request = std::get<app::KeyRequest>(read);
    CHECK(request.name == "till 7");
    CHECK(request.tenant == "clinic");
    CHECK(request.scopes == Scopes{Scope::broadcasts_write, Scope::broadcasts_read});
    CHECK(request.expires_at == kNow + 2h);
    const auto dated = read_order({"x", "admin", {}, "2100-01-01T00:00:00+07:00"}, kNow);
    REQUIRE(std::holds_alternative<app::KeyRequest>(dated));
    CHECK(std::get<app::KeyRequest>(dated).tenant == "default");
    CHECK(std::get<app::KeyRequest>(dated).expires_at == parse_rfc3339("2099-12-31T17:00:00Z"));
}

TEST_CASE("key order: a line for each mistake", "[commands][keys]") {
    const auto read = read_order({"", "everything", "A", "soon"}, kNow);
    REQUIRE(std::holds_alternative<Lines>(read));
    const auto& lines = std::get<Lines>(read);
    REQUIRE(lines.size() == 4);
    for (const auto* flag : {"--expires-at: ", "--name: ", "--tenant: ", "--scopes: "})
        CHECK(std::ranges::any_of(lines, [&](const std::string& line) { return line.starts_with(flag); }));
    const auto past = read_order({"x", "admin", {}, "1999-01-01T00:00:00Z"}, kNow);
    REQUIRE(std::holds_alternative<Lines>(past));
    CHECK(std::get<Lines>(past) == Lines{"--expires-at: must be in the future"});
}

TEST_CASE("key order: how long an old key goes on", "[commands][keys]") {
    CHECK(std::get<std::chrono::milliseconds>(commands::read_overlap({})) == 24h);
    CHECK(std::get<std::chrono::milliseconds>(commands::read_overlap("0s")) == 0ms);
    CHECK(std::get<std::chrono::milliseconds>(commands::read_overlap("720h")) == 720h);
    for (const auto* text : {"", "721h", "-1s", "soon"})
        CHECK(std::holds_alternative<std::string>(commands::read_overlap(text)));
}

TEST_CASE("key order: a whole key is as good as its prefix", "[commands][keys]") {
    const auto token = new_key_token();
    CHECK(commands::prefix_in(to_string(token)) == token.prefix);
    CHECK(commands::prefix_in("abc") == "abc");
}

TEST_CASE("key order: a line of the list says whether the key works", "[commands][keys]") {
    ApiKey key{"0123456789", "till 7", "clinic", {Scope::admin}, kNow, {}, {}, {}};
    const auto line = [&] { return commands::line_of(key, kNow); };
    CHECK(line().find("0123456789  live ") == 0);
    CHECK(line().find("till 7 (admin)") != std::string::npos);
    key.expires_at = kNow;
    CHECK(line().find(" expired ") != std::string::npos);
    key.revoked_at = kNow;
    CHECK(line().find(" revoked ") != std::string::npos);
}
