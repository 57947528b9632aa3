#include "pg_fixture.hpp"

#include "adapters/postgres/migrations.hpp"

// The tables of releases that had no schema of their own, and those of other programs, in one database with ours.

namespace smsbcast::test {

namespace pg = adapters::postgres;

namespace {

constexpr int kLastWithoutSchema = 3;

/// What such a release left in `public`, and calls by a program of this one.
class OldInstallation {
public:
    OldInstallation() {
        old_.query("CREATE TABLE schema_migrations (number integer PRIMARY KEY, name text NOT NULL, "
                   "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
        for (const auto& migration : pg::migrations().first(kLastWithoutSchema)) {
            old_.query(std::string(migration.text));
            old_.query("INSERT INTO schema_migrations (number, name, checksum) VALUES (" +
                       std::to_string(migration.number) + ", '" + std::string(migration.name) + "', '" +
                       schema::checksum(migration.text) + "')");
        }
        accept_by_old_program("018f0000-0000-7000-8000-000000000001");
    }

    void accept_by_old_program(const std::string& id) {
        old_.query("INSERT INTO broadcasts (id, total, first_message, last_message, body) VALUES ('" + id + "', 1, '" +
                   id + "', '" + id + "', 'text')");
        old_.query("INSERT INTO messages (id, broadcast_id, ticket_id, phone) VALUES ('" + id + "', '" + id + "', '" +
                   id + "', 66812345678)");
        old_.query("INSERT INTO outbox (id, broadcast_id, first_message, last_message, size) VALUES ('" + id + "', '" +
                   id + "', '" + id + "', '" + id + "', 1)");
    }

    std::shared_ptr<pg::Database> program() {
        pg::PostgresParams params;
        params.url = database_.url();
        params.adopts_tables = true;
        return pg::make_database(fixture_.io(), params);
    }

    Result<void> migrate(std::shared_ptr<pg::Database> program) {
        return fixture_.run(pg::migrate(std::move(program), StoreFixture::deadline()));
    }

    std::size_t broadcasts(std::shared_ptr<pg::Database> program) {
        const auto store = pg::make_broadcast_store(std::move(program));
        const auto list = fixture_.run(store->list(kTenant, std::nullopt, 100, StoreFixture::deadline()));
        REQUIRE(list.has_value());
        return list->size();
    }

    Result<void> check(std::shared_ptr<pg::Database> program) {
        return fixture_.run(pg::check_schema(std::move(program), StoreFixture::deadline()));
    }

    std::string home_of(const std::string& table) {
        return old_.value("SELECT relnamespace::regnamespace FROM pg_class WHERE relname = '" + table + "'");
    }

    PgDatabase database_;
    PgFixture fixture_; // for its loop
    PgAdmin old_{"", database_.url()};
};

} // namespace

TEST_CASE("tables of a release without a schema are moved into it", "[postgres][adoption]") {
    OldInstallation old;
    const auto program = old.program();
    REQUIRE(old.migrate(program).has_value());
    for (const auto* table : {"broadcasts", "messages", "outbox", "broadcast_counts", "attempts", "provider_refs",
                              "receipt_inbox", "messages_shown", "installation", "api_keys"}) {
        INFO(table);
        CHECK(old.old_.value("SELECT to_regclass('smsbcast." + std::string(table) + "') IS NOT NULL") == "t");
        CHECK(old.old_.value("SELECT to_regclass('public." + std::string(table) + "') IS NULL") == "t");
    }
    CHECK(old.broadcasts(program) == 1);
    CHECK(old.check(program).has_value());
    CHECK(old.old_.value("SELECT string_agg(name, ',') FROM public.schema_migrations") == "moved_to_schema_smsbcast");
    REQUIRE(old.migrate(old.program()).has_value());
    CHECK(old.broadcasts(old.program()) == 1);
}

TEST_CASE("while roles of the older release are connected their tables stay where they are", "[postgres][adoption]") {
    OldInstallation old;
    auto role = std::make_unique<PgAdmin>("", old.database_.url() + " application_name=smsbcast-worker");
    const auto program = old.program();
    REQUIRE(old.migrate(program).has_value());
    CHECK(old.old_.value("SELECT to_regclass('public.messages') IS NOT NULL") == "t");
    CHECK(role->number("SELECT max(number) FROM schema_migrations") == kLastWithoutSchema); // all that it looks at
    CHECK(role->number("SELECT count(*) FROM messages_shown") == 1);
    CHECK(old.check(program).has_value());
    old.accept_by_old_program("018f0000-0000-7000-8000-000000000002");
    CHECK(old.broadcasts(program) == 2);
    REQUIRE(old.migrate(old.program()).has_value());
    CHECK(old.old_.value("SELECT to_regclass('public.messages') IS NOT NULL") == "t");

    const auto gone = std::to_string(role->pid());
    role.reset();
    while (old.old_.number("SELECT count(*) FROM pg_stat_activity WHERE pid = " + gone) > 0)
        continue;
    REQUIRE(old.migrate(old.program()).has_value());
    CHECK(old.old_.value("SELECT to_regclass('public.messages') IS NULL") == "t");
    CHECK(old.broadcasts(program) == 2); // by the connections, and the plans, of before
    CHECK(old.check(program).has_value());
}

TEST_CASE("tables to adopt that are in use are moved later, and used meanwhile", "[postgres][adoption]") {
    OldInstallation old;
    // One that no migration changes: such a one would have to wait for the reader.
    PgAdmin user{"", old.database_.url()};
    user.query("BEGIN; SELECT count(*) FROM attempts");
    const auto program = old.program();
    REQUIRE(old.migrate(program).has_value());
    CHECK(old.old_.value("SELECT to_regclass('public.messages') IS NOT NULL") == "t");
    CHECK(old.broadcasts(program) == 1);
    user.query("COMMIT");
    REQUIRE(old.migrate(program).has_value());
    CHECK(old.old_.value("SELECT to_regclass('public.messages') IS NULL") == "t");
    CHECK(old.broadcasts(program) == 1);
}

TEST_CASE("an installation of another name adopts nothing", "[postgres][adoption]") {
    OldInstallation old;
    pg::PostgresParams params;
    params.url = old.database_.url();
    params.schema = "second";
    const auto program = pg::make_database(old.fixture_.io(), params);
    REQUIRE(old.migrate(program).has_value());
    CHECK(old.broadcasts(program) == 0);
    CHECK(old.old_.value("SELECT to_regclass('public.messages') IS NOT NULL") == "t");
    CHECK(old.old_.value("SELECT to_regclass('second_report.messages') IS NOT NULL") == "t");
}

TEST_CASE("the predecessor's tables are left alone, and its queries answered by views", "[postgres][adoption]") {
    const PgDatabase database;
    PgFixture fixture;
    PgAdmin admin{"", database.url()};
    admin.query("CREATE TABLE broadcasts (id uuid PRIMARY KEY, name text, created_at timestamptz);"
                "CREATE TABLE messages (id uuid PRIMARY KEY, broadcast_id uuid REFERENCES broadcasts (id), "
                "to_number text, body text, status text, provider_id text, created_at timestamptz, "
                "updated_at timestamptz);"
                "CREATE INDEX idx_messages_status_created ON messages (status, created_at);"
                "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)");
    pg::PostgresParams params;
    params.url = database.url();
    params.adopts_tables = true;
    const auto program = pg::make_database(fixture.io(), params);
    REQUIRE(fixture.run(pg::migrate(program, StoreFixture::deadline())).has_value());
    CHECK(admin.number("SELECT count(*) FROM public.messages") == 0);

    const auto store = pg::make_broadcast_store(program);
    const BroadcastId id{new_uuid()};
    REQUIRE(
        fixture
            .run(create(*store,
                        {.id = id,
                         .name = "A name",
                         .text = "A text",
                         .recipients = {PhoneNumber::from_digits(66812345678), PhoneNumber::from_digits(66887654321)}},
                        StoreFixture::deadline()))
            .has_value());
    CHECK(admin.number("SELECT count(*) FROM public.messages") == 0);
    const auto broadcasts = admin.query("SELECT id, name, created_at FROM report.broadcasts");
    REQUIRE(broadcasts.size() == 1);
    CHECK(broadcasts[0][0] == to_string(id));
    CHECK(broadcasts[0][1] == "A name");
    const auto messages = admin.query("SELECT to_number, body, status, provider_id, broadcast_id, id, "
                                      "created_at <= updated_at FROM report.messages WHERE status = 'pending' "
                                      "ORDER BY created_at, to_number");
    REQUIRE(messages.size() == 2);
    CHECK(messages[0][0] == "+66812345678");
    CHECK(messages[1][0] == "+66887654321");
    CHECK(messages[0][1] == "A text");
    CHECK(messages[0][3].empty());
    CHECK(messages[0][4] == to_string(id));
    CHECK(messages[0][6] == "t");
}

TEST_CASE("a user who may not make a schema is told so, and one that was made is enough", "[postgres][adoption]") {
    const PgDatabase database;
    PgFixture fixture;
    PgAdmin admin{"", database.url()};
    const std::string user = "u_" + database.name();
    admin.query("CREATE ROLE " + user + " LOGIN PASSWORD 'secret'");
    pg::PostgresParams params;
    params.url = database.url() + " user=" + user + " password=secret";
    const auto program = pg::make_database(fixture.io(), params);
    const auto refused = fixture.run(pg::migrate(program, StoreFixture::deadline()));
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == Errc::internal);
    admin.query("CREATE SCHEMA smsbcast AUTHORIZATION " + user);
    CHECK(fixture.run(pg::migrate(program, StoreFixture::deadline())).has_value());
    CHECK(fixture.run(pg::check_schema(program, StoreFixture::deadline())).has_value());
    CHECK(admin.value("SELECT to_regnamespace('report') IS NULL") == "t");
    admin.query("DROP OWNED BY " + user + " CASCADE; DROP ROLE " + user);
}

} // namespace smsbcast::test
