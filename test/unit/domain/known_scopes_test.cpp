#include "smsbcast/domain/known_scopes.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;

TEST_CASE("scopes are read back as they were written", "[domain][caller]") {
    Scopes all;
    for (const auto scope : kScopes) {
        CHECK(known_scopes(to_string(Scopes{scope})) == Scopes{scope});
        all.add(scope);
    }
    CHECK(known_scopes(to_string(all)) == all);
    CHECK(known_scopes("").empty());
}

TEST_CASE("names of scopes that a newer release wrote are left out", "[domain][caller]") {
    CHECK(known_scopes("campaigns:write broadcasts:read") == Scopes{Scope::broadcasts_read});
    CHECK(known_scopes("admin campaigns:write") == Scopes{Scope::admin});
    CHECK(known_scopes("campaigns:write").empty());
    CHECK(known_scopes(" admin  broadcasts:read ") == Scopes{Scope::admin, Scope::broadcasts_read});
    CHECK(known_scopes("administrator").empty());
}
