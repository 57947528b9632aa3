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

TEST_CASE("names of scopes read back, and others do not", "[domain][caller]") {
    for (const auto scope : kScopes)
        CHECK(parse_scope(to_string(scope)) == scope);
    for (const auto* text : {"", "broadcasts", "Admin", "admin ", "broadcasts:write,broadcasts:read"})
        CHECK_FALSE(parse_scope(text));
}

TEST_CASE("a list of scopes is taken in any order, with commas or spaces", "[domain][caller]") {
    const Scopes both{Scope::broadcasts_write, Scope::broadcasts_read};
    CHECK(to_string(both) == "broadcasts:write broadcasts:read");
    for (const auto* text :
         {"broadcasts:read broadcasts:write", "broadcasts:write,broadcasts:read",
          " broadcasts:write ,  broadcasts:read,", "broadcasts:read,broadcasts:write,broadcasts:read"})
        CHECK(parse_scopes(text) == both);
    CHECK(parse_scopes("") == Scopes());
    CHECK(parse_scopes(to_string(Caller::anyone().scopes)) == Caller::anyone().scopes);
    for (const auto* text : {"broadcasts:write nonsense", "admin;broadcasts:read", "*"})
        CHECK_FALSE(parse_scopes(text));
}

TEST_CASE("the name of a tenant can stand in a log, a URL and a table", "[domain][caller]") {
    for (const auto* text : {"default", "a", "clinic-7", "north_west", "0"})
        CHECK(is_tenant(text));
    CHECK(is_tenant(std::string(64, 'a')));
    CHECK_FALSE(is_tenant(std::string(65, 'a')));
    for (const auto* text : {"", "Clinic", "a b", "a/b", "a'b", "\xc3\xa4", "a\n"})
        CHECK_FALSE(is_tenant(text));
}
