#include "pg_fixture.hpp"

#include "adapters/postgres/migrations.hpp"

#include <thread>
#include <vector>

// The schema is brought up to date by whoever comes first.

namespace smsbcast::test {

namespace pg = adapters::postgres;
using Standing = schema::MigrationState::Standing;

namespace {

/// An empty schema, and calls to it.
struct Empty {
    PgSchema schema;
    PgAdmin admin{schema.name()};
    boost::asio::io_context io{1};
    std::shared_ptr<pg::Database> database = pg::make_database(io, pg_params(schema.name()));

    template <class T>
    T run(boost::asio::awaitable<T> task) {
        std::optional<T> value;
        std::exception_ptr failure;
        boost::asio::co_spawn(io, into(std::move(task), value), [&](std::exception_ptr thrown) { failure = thrown; });
        io.restart();
        io.run_for(kPatience);
        if (failure)
            std::rethrow_exception(failure);
        REQUIRE(value);
        return std::move(*value);
    }
    template <class T>
    static boost::asio::awaitable<void> into(boost::asio::awaitable<T> task, std::optional<T>& value) {
        value.emplace(co_await std::move(task));
    }

    Result<void> migrate() { return run(pg::migrate(database, StoreFixture::deadline())); }
    std::vector<schema::MigrationState> states() {
        const auto found = run(pg::migration_states(database, StoreFixture::deadline()));
        REQUIRE(found.has_value());
        return *found;
    }
    boost::system::error_code ping() {
        const auto store = pg::make_broadcast_store(database);
        const auto answer = run(store->ping(StoreFixture::deadline()));
        return answer ? boost::system::error_code() : answer.error();
    }
    long applied() { return admin.number("SELECT count(*) FROM schema_migrations"); }
};

const auto kAll = static_cast<long>(pg::migrations().size());

} // namespace

TEST_CASE("five migrators at once leave one schema", "[postgres][migrate]") {
    Empty empty;
    std::vector<std::shared_ptr<pg::Database>> databases;
    std::vector<Result<void>> results;
    int running = 5;
    for (int i = 0; i < 5; ++i) {
        databases.push_back(pg::make_database(empty.io, pg_params(empty.schema.name())));
        const auto one = [](std::shared_ptr<pg::Database> database,
                            std::vector<Result<void>>& into) -> boost::asio::awaitable<void> {
            Result<void> done = Errc::retry; // for as long as another one migrates
            while (!done && done.error() == Errc::retry)
                done = co_await pg::migrate(database, StoreFixture::deadline());
            into.push_back(done);
        };
        boost::asio::co_spawn(empty.io, one(databases.back(), results), [&](const std::exception_ptr&) { --running; });
    }
    empty.io.run_for(kPatience);
    REQUIRE(running == 0);
    for (const auto& result : results)
        CHECK(result.has_value());
    CHECK(empty.applied() == kAll);
    CHECK(empty.ping() == boost::system::error_code());
    CHECK(empty.migrate().has_value());
    CHECK(empty.applied() == kAll);
}

TEST_CASE("a migration that waits for a table in use lets others through", "[postgres][migrate]") {
    Empty empty;
    REQUIRE(empty.migrate().has_value());
    empty.admin.query("ALTER TABLE messages DROP COLUMN provider; ALTER TABLE provider_refs DROP COLUMN provider;"
                      "ALTER TABLE receipt_inbox DROP COLUMN provider; DELETE FROM schema_migrations WHERE number = 5");
    PgAdmin backup{empty.schema.name()};
    backup.query("BEGIN; SELECT count(*) FROM messages");
    PgAdmin other{empty.schema.name()};
    bool was_let_through = false;
    std::thread others([&] {
        const auto until = Deadline::after(kPatience / 2);
        const auto* waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'messages'::regclass";
        try {
            while (other.number(waits) == 0 && !until.passed())
                std::this_thread::yield();
            // It would wait for ever behind a migration that waits for the backup.
            other.query("SET statement_timeout = '60s'; SELECT count(*) FROM messages");
            was_let_through = !until.passed();
        } catch (const std::exception&) {
        }
        backup.query("COMMIT");
    });
    const auto done = empty.migrate();
    others.join();
    CHECK(was_let_through);
    CHECK(done.has_value());
    CHECK(empty.applied() == kAll);
}

TEST_CASE("the status of a schema is told without changing it", "[postgres][migrate]") {
    Empty empty;
    auto states = empty.states();
    REQUIRE(static_cast<long>(states.size()) == kAll);
    for (const auto& state : states) {
        CHECK(state.standing == Standing::pending);
    }
    CHECK(empty.admin.value("SELECT to_regclass('schema_migrations') IS NULL") == "t");
    CHECK(empty.ping() == Errc::conflict);

    REQUIRE(empty.migrate().has_value());
    for (const auto& state : empty.states()) {
        CHECK(state.standing == Standing::applied);
    }
    CHECK(states.front().name == "001_foundation");
    CHECK(states.front().number == 1);
}

TEST_CASE("each schema has an id of its own, which stays", "[postgres][migrate]") {
    Empty first, second;
    const auto id = [](Empty& of) {
        const auto installation = pg::make_installation(of.database);
        return of.run(installation->identity(StoreFixture::deadline()));
    };
    CHECK(id(first).error() == Errc::internal); // no table yet
    REQUIRE((first.migrate().has_value() && second.migrate().has_value()));
    const auto own = id(first);
    REQUIRE(own.has_value());
    CHECK_FALSE(own->id.is_nil());
    CHECK(own->receipt_secret.size() == 64);
    REQUIRE(first.migrate().has_value());
    CHECK(id(first).value() == *own);
    CHECK(id(second).value().id != own->id);
    CHECK(id(second).value().receipt_secret != own->receipt_secret);
}

TEST_CASE("a schema that is newer than the program is refused", "[postgres][migrate]") {
    Empty empty;
    REQUIRE(empty.migrate().has_value());
    empty.admin.query("INSERT INTO schema_migrations (number, name, checksum) VALUES (999, '999_future', 'x')");
    CHECK(empty.migrate().error() == Errc::conflict);
    CHECK(empty.ping() == Errc::conflict);
    empty.admin.query("UPDATE schema_migrations SET compatible_with = " + std::to_string(kAll));
    CHECK(empty.migrate().has_value());
    CHECK(empty.ping() == boost::system::error_code());
    CHECK(empty.states().back().standing == Standing::newer_compatible);
    empty.admin.query("DELETE FROM schema_migrations WHERE number = 999");
    CHECK(empty.migrate().has_value());
    CHECK(empty.ping() == boost::system::error_code());
}

TEST_CASE("a migration that was changed after it was applied is refused", "[postgres][migrate]") {
    Empty empty;
    REQUIRE(empty.migrate().has_value());
    empty.admin.query("UPDATE schema_migrations SET checksum = 'another' WHERE number = 1");
    CHECK(empty.migrate().error() == Errc::conflict);
    CHECK(empty.states().front().standing == Standing::changed);
}

TEST_CASE("a schema of the first version is brought up to date with what is in it", "[postgres][migrate]") {
    Empty empty;
    const auto& first = pg::migrations().front();
    empty.admin.query(std::string(first.text));
    empty.admin.query(
        "CREATE TABLE schema_migrations (number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())");
    empty.admin.query("INSERT INTO schema_migrations (number, name, checksum) VALUES (1, '" + std::string(first.name) +
                      "', '" + schema::checksum(first.text) + "')");
    const BroadcastId id{new_uuid()};
    empty.admin.query("INSERT INTO broadcasts (id, total, first_message, last_message, body) VALUES ('" +
                      to_string(id) + "', 1, '" + to_string(id) + "', '" + to_string(id) + "', 'old')");
    CHECK(empty.ping() == Errc::conflict);
    REQUIRE(empty.migrate().has_value());
    CHECK(empty.applied() == kAll);
    CHECK(empty.ping() == boost::system::error_code());
    const auto store = pg::make_broadcast_store(empty.database);
    const auto found = empty.run(store->get(kTenant, id, StoreFixture::deadline()));
    REQUIRE(found.has_value());
    CHECK(found->text == "old");
    CHECK_FALSE(found->expires_at);
    CHECK(empty.run(store->get("another", id, StoreFixture::deadline())).error() == Errc::not_found);
}

TEST_CASE("what an older release makes beside this one is the default tenant's", "[postgres][migrate]") {
    PgFixture fixture;
    const BroadcastId id{new_uuid()};
    const auto text = to_string(id);
    fixture.admin().query("INSERT INTO broadcasts (id, name, body, total, first_message, last_message, expires_at) "
                          "VALUES ('" +
                          text + "', NULL, 'old', 1, '" + text + "', '" + text + "', NULL)");
    auto& store = fixture.broadcasts();
    CHECK(fixture.run(store.get(kTenant, id, StoreFixture::deadline())).value().text == "old");
    CHECK(fixture.run(store.list(kTenant, std::nullopt, 10, StoreFixture::deadline())).value().size() == 1);
    CHECK(fixture.run(store.get("another", id, StoreFixture::deadline())).error() == Errc::not_found);
    CHECK(fixture.run(store.list("another", std::nullopt, 10, StoreFixture::deadline())).value().empty());
}

TEST_CASE("of a migration that fails nothing stays", "[postgres][migrate]") {
    Empty empty;
    empty.admin.query("CREATE TABLE receipt_inbox (in_the_way int)");
    CHECK_FALSE(empty.migrate().has_value());
    CHECK(empty.admin.value("SELECT to_regclass('messages') IS NULL") == "t");
    CHECK(empty.applied() == 0);
    empty.admin.query("DROP TABLE receipt_inbox");
    CHECK(empty.migrate().has_value());
    CHECK(empty.ping() == boost::system::error_code());
}

} // namespace smsbcast::test
