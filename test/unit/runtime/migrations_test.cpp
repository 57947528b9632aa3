#include "smsbcast/runtime/migrations.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace smsbcast::runtime {

namespace {

constexpr std::array kKnown{Migration{1, "001_first", "CREATE TABLE a"}, Migration{2, "002_second", "CREATE TABLE b"}};

} // namespace

TEST_CASE("a schema that this program made has no fault", "[runtime]") {
    CHECK_FALSE(find_fault(kKnown, {}));
    const AppliedMigrations first{{1, {"001_first", checksum("CREATE TABLE a")}}};
    CHECK_FALSE(find_fault(kKnown, first));
    const auto states = migration_states(kKnown, first);
    REQUIRE(states.size() == 2);
    CHECK((states[0].applied && !states[0].changed));
    CHECK_FALSE(states[1].applied);
}

TEST_CASE("a newer schema and a changed migration are told apart", "[runtime]") {
    const auto newer = find_fault(kKnown, {{3, {"003_third", checksum("")}}});
    REQUIRE(newer);
    CHECK(newer->kind == SchemaFault::Kind::too_new);
    CHECK(newer->migration == "003_third");
    const AppliedMigrations other{{2, {"002_second", checksum("CREATE TABLE c")}}};
    const auto changed = find_fault(kKnown, other);
    REQUIRE(changed);
    CHECK(changed->kind == SchemaFault::Kind::changed);
    CHECK(changed->migration == "002_second");
    CHECK(migration_states(kKnown, other)[1].changed);
}

TEST_CASE("a checksum is that of FNV-1a", "[runtime]") {
    CHECK(checksum("") == "cbf29ce484222325");
    CHECK(checksum("a") == "af63dc4c8601ec8c");
}

} // namespace smsbcast::runtime
