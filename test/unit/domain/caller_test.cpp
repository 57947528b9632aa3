#include "smsbcast/domain/caller.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace smsbcast;

TEST_CASE("a caller may do what its scopes say, and nothing without them", "[domain][caller]") {
    const Caller reader{"reader", "clinic", {Scope::broadcasts_read}};
    for (const auto scope : kScopes) {
        CHECK(reader.may(scope) == (scope == Scope::broadcasts_read));
        CHECK_FALSE(Caller{}.may(scope));
    }
}

TEST_CASE("where no one has to say who he is, everything may be done for the default tenant", "[domain][caller]") {
    const auto anyone = Caller::anyone();
    CHECK(anyone.tenant == "default");
    CHECK_FALSE(anyone.who.empty());
    CHECK(std::ranges::all_of(kScopes, [&](Scope scope) { return anyone.may(scope); }));
}

TEST_CASE("every scope has a name of its own", "[domain][caller]") {
    std::set<std::string_view> names;
    for (const auto scope : kScopes)
        names.insert(to_string(scope));
    CHECK(names.size() == kScopes.size());
    CHECK(names.count("") == 0);
}
