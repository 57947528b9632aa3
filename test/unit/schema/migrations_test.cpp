#include "smsbcast/schema/migrations.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace smsbcast::schema {

namespace {

using Standing = MigrationState::Standing;

constexpr std::array kKnown{Migration{1, 1, "001_first", "CREATE TABLE a"},
                            Migration{2, 1, "002_second", "CREATE TABLE b"}};

} // namespace

TEST_CASE("a schema that this program made has no fault", "[runtime]") {
    CHECK_FALSE(find_fault(kKnown, {}));
    const AppliedMigrations first{{1, {"001_first", checksum("CREATE TABLE a")}}};
    CHECK_FALSE(find_fault(kKnown, first));
    const auto states = migration_states(kKnown, first);
    REQUIRE(states.size() == 2);
    CHECK(states[0].standing == Standing::applied);
    CHECK(states[1].standing == Standing::pending);
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
    const auto states = migration_states(kKnown, other);
    REQUIRE(states.size() == 2);
    CHECK(states[0].standing == Standing::pending);
    CHECK(states[1].standing == Standing::changed);
}

TEST_CASE("a newer migration says which programs work on beside it", "[runtime]") {
    const auto with = [](std::optional<int> compatible_with) {
        return AppliedMigrations{{3, {"003_third", "any", compatible_with}}};
    };
    CHECK_FALSE(find_fault(kKnown, with(1)));
    CHECK_FALSE(find_fault(kKnown, with(2)));
    CHECK(find_fault(kKnown, with(3)));
    CHECK(find_fault(kKnown, with(std::nullopt)));
    CHECK(migration_states(kKnown, with(2)).back().standing == Standing::newer_compatible);
    CHECK(migration_states(kKnown, with(3)).back().standing == Standing::newer);
    CHECK(migration_states(kKnown, with(3)).back().name == "003_third");
}

TEST_CASE("a checksum is that of FNV-1a", "[runtime]") {
    CHECK(checksum("") == "cbf29ce484222325");
    CHECK(checksum("a") == "af63dc4c8601ec8c");
}

} // namespace smsbcast::schema
