#include "smsbcast/domain/caller.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;

TEST_CASE("a caller may what its scopes say, and nothing else", "[domain][caller]") {
    using enum Scope;
    const Caller reader("dashboard", "alerts", {broadcasts_read});
    CHECK(reader.name() == "dashboard");
    CHECK(reader.tenant() == "alerts");
    CHECK(reader.may(broadcasts_read));
    CHECK_FALSE(reader.may(broadcasts_write));
    CHECK_FALSE(reader.may(suppressions_write));
    CHECK_FALSE(reader.may(admin));
    CHECK_FALSE(Caller("operator", "default", {admin}).may(broadcasts_read));
    for (const auto scope : {broadcasts_read, broadcasts_write, suppressions_write, admin})
        CHECK(Caller::unrestricted().may(scope));
}
