#include "pg_fixture.hpp"

#include "adapters/postgres/vetting.hpp"

#include <algorithm>

// What no program of ours can work with is refused before anything is made there.

namespace smsbcast::test {

namespace pg = adapters::postgres;

namespace {

/// Another database, for as long as it lives.
class OtherDatabase {
public:
    explicit OtherDatabase(const std::string& encoding) : name_("t_" + to_string(new_uuid())) {
        std::replace(name_.begin(), name_.end(), '-', '_');
        PgAdmin().query("CREATE DATABASE " + name_ + " ENCODING '" + encoding +
                        "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    }
    ~OtherDatabase() { PgAdmin().query("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }
    OtherDatabase(const OtherDatabase&) = delete;
    OtherDatabase& operator=(const OtherDatabase&) = delete;

    PostgresParams params() const {
        PostgresParams params;
        params.url = database_url_of(name_);
        return params;
    }

private:
    std::string name_;
};

} // namespace

TEST_CASE("a database of another encoding than UTF-8 is refused, and nothing is made in it", "[postgres][vetting]") {
    PgFixture fixture; // for its loop
    for (const auto* encoding : {"LATIN1", "SQL_ASCII", "EUC_JP"}) {
        INFO(encoding);
        const OtherDatabase other(encoding);
        const auto database = pg::make_database(fixture.io(), other.params());
        for (int time = 0; time < 2; ++time) {
            const auto migrated = fixture.run(pg::migrate(database, StoreFixture::deadline()));
            REQUIRE_FALSE(migrated);
            CHECK(migrated.error() == Errc::conflict);
            CHECK(fixture.run(pg::check_schema(database, StoreFixture::deadline())).error() == Errc::conflict);
        }
        const auto states = fixture.run(pg::migration_states(database, StoreFixture::deadline()));
        REQUIRE(states.has_value());
        CHECK(std::none_of(states->begin(), states->end(), [](const auto& state) { return state.applied; }));
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
