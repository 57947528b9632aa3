#include "pg_fixture.hpp"

#include "adapters/postgres/vetting.hpp"

#include <algorithm>

// What no program of ours can work with is refused before anything is made there.

namespace smsbcast::test {

namespace pg = adapters::postgres;

TEST_CASE("a database of another encoding than UTF-8 is refused, and nothing is made in it", "[postgres][vetting]") {
    PgFixture fixture; // for its loop
    for (const auto* encoding : {"LATIN1", "SQL_ASCII", "EUC_JP"}) {
        INFO(encoding);
        const PgDatabase other(encoding);
        pg::PostgresParams params;
        params.url = other.url();
        const auto database = pg::make_database(fixture.io(), params);
        for (int time = 0; time < 2; ++time) {
            const auto migrated = fixture.run(pg::migrate(database, StoreFixture::deadline()));
            REQUIRE_FALSE(migrated);
            CHECK(migrated.error() == Errc::conflict);
            CHECK(fixture.run(pg::check_schema(database, StoreFixture::deadline())).error() == Errc::conflict);
        }
        const auto states = fixture.run(pg::migration_states(database, StoreFixture::deadline()));
        REQUIRE(states.has_value());
        CHECK(std::none_of(states->begin(), states->end(), [](const auto& state) {
            return state.standing != schema::MigrationState::Standing::pending;
        }));
    }
}

TEST_CASE("a database in UTF-8 without a pooler is asked once", "[postgres][vetting]") {
    PgFixture fixture;
    const auto database = fixture.database();
    CHECK_FALSE(database->vetted());
    CHECK(fixture.run(pg::vet(database, StoreFixture::deadline())));
    CHECK(database->vetted());
    CHECK(fixture.run(pg::vet(database, Deadline::after(milliseconds(0)))));
}

} // namespace smsbcast::test
