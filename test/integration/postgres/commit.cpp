#include "pg_fixture.hpp"
#include "pg_gate.hpp"

// A broadcast is accepted exactly when it is there, also when the connection breaks around its COMMIT.

namespace smsbcast::test {

namespace {

struct Commit {
    PgGate gate;
    PgFixture fixture{[this](PostgresParams& params) { params.url = gate.url(); }};
    BroadcastId id{new_uuid()};

    Result<void> create(int recipients = 250, Deadline deadline = StoreFixture::deadline()) {
        NewBroadcast broadcast{id, std::nullopt, "text", {}, 100};
        for (int i = 0; i < recipients; ++i)
            broadcast.recipients.push_back(PhoneNumber::from_digits(66810000000 + static_cast<std::uint64_t>(i)));
        return fixture.run(test::create(fixture.broadcasts(), std::move(broadcast), deadline));
    }
    bool exists() {
        const auto where = "WHERE id = '" + to_string(id) + "'";
        const bool there = fixture.admin().number("SELECT count(*) FROM broadcasts " + where) == 1;
        const auto messages = fixture.admin().number("SELECT count(*) FROM messages");
        const auto tickets = fixture.admin().number("SELECT count(*) FROM outbox");
        REQUIRE(messages == (there ? 250 : 0)); // all or none
        REQUIRE(tickets == (there ? 3 : 0));
        return there;
    }
    /// And such as a server that does not look whether its client is still there.
    void slow_commits(const std::string& seconds) {
        fixture.admin().query("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                              "PERFORM set_config('client_connection_check_interval', '0', true); PERFORM pg_sleep(" +
                              seconds +
                              "); RETURN NULL; END$$;"
                              "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON broadcasts "
                              "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
    }
};

std::vector<PhoneNumber> ten_thousand(std::uint64_t piece) {
    std::vector<PhoneNumber> made;
    for (std::uint64_t i = 0; i < 10'000; ++i)
        made.push_back(PhoneNumber::from_digits(66810000000 + 10'000 * piece + i));
    return made;
}

} // namespace

TEST_CASE("a connection that breaks before the commit leaves nothing", "[postgres][commit]") {
    for (const auto* word : {"BEGIN", "insert_broadcast", "COPY messages", "PGCOPY", "COPY outbox", "COMMIT"}) {
        for (const auto when : {PgGate::When::before, PgGate::When::after}) {
            if (word == std::string_view("COMMIT") && when == PgGate::When::after)
                continue;
            INFO(word << (when == PgGate::When::before ? " is not sent" : " is sent"));
            Commit commit;
            commit.gate.cut_at(word, when);
            CHECK(commit.create().error() == Errc::unavailable);
            CHECK(commit.gate.cuts() == 1);
            CHECK_FALSE(commit.exists());
            CHECK(commit.create().has_value());
            CHECK(commit.exists());
        }
    }
}

TEST_CASE("a commit whose answer is lost is read back", "[postgres][commit]") {
    Commit commit;
    commit.gate.cut_at("COMMIT", PgGate::When::after);
    CHECK(commit.create().has_value());
    CHECK(commit.gate.cuts() == 1);
    CHECK(commit.exists());
}

TEST_CASE("a commit that is still under way is waited for", "[postgres][commit]") {
    Commit commit;
    commit.slow_commits("0.7");
    commit.gate.cut_at("COMMIT", PgGate::When::after);
    CHECK(commit.create().has_value());
    CHECK(commit.exists());
}

TEST_CASE("a commit that outlasts the deadline is uncertain", "[postgres][commit]") {
    Commit commit;
    commit.slow_commits("20");
    commit.gate.cut_at("COMMIT", PgGate::When::after);
    CHECK(commit.create(250, Deadline::after(std::chrono::seconds(8))).error() == Errc::uncertain);
    // Or the end of the test would wait for it.
    commit.fixture.admin().query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" +
                                 commit.fixture.schema() + "' AND query LIKE 'COMMIT%'");
}

TEST_CASE("a commit that the server refuses is no broadcast", "[postgres][commit]") {
    Commit commit;
    commit.fixture.admin().query("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                                 "$$BEGIN RAISE 'no' USING ERRCODE = '40001'; END$$;"
                                 "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON broadcasts "
                                 "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()");
    CHECK(commit.create().error() == Errc::retry);
    CHECK_FALSE(commit.exists());
}

TEST_CASE("an intake that is dropped in its transaction leaves nothing of it", "[postgres][commit]") {
    PgFixture fixture([](PostgresParams& params) { params.pool_size = 1; });
    {
        const auto intake = fixture.broadcasts().intake(BroadcastId{new_uuid()}, 100, StoreFixture::deadline());
        for (std::uint64_t piece = 0; piece < 11; ++piece)
            REQUIRE(fixture.run(intake->append(ten_thousand(piece))).has_value());
        REQUIRE(fixture.admin().number("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' "
                                       "AND application_name = '" +
                                       fixture.schema() + "'") == 1);
    }
    StoreDriver driver(fixture);
    const auto id = driver.create(3); // by the pool's one connection
    CHECK(fixture.admin().number("SELECT count(*) FROM messages") == 3);
    CHECK(fixture.admin().number("SELECT count(*) FROM outbox") == 1);
    CHECK(driver.get(id).total == 3);
}

TEST_CASE("a connection that breaks between two pieces leaves nothing", "[postgres][commit]") {
    for (const auto* word : {"COPY messages", "COPY outbox"}) {
        Commit commit;
        const auto intake = commit.fixture.broadcasts().intake(commit.id, 100, StoreFixture::deadline());
        Result<void> appended;
        for (std::uint64_t piece = 0; piece < 20 && appended; ++piece) {
            if (piece == 15)
                commit.gate.cut_at(word, PgGate::When::after);
            appended = commit.fixture.run(intake->append(ten_thousand(piece)));
        }
        CHECK(commit.gate.cuts() == 1);
        CHECK(appended.error() == Errc::unavailable);
        CHECK_FALSE(commit.exists());
        CHECK(commit.create().has_value());
        CHECK(commit.exists());
    }
}

TEST_CASE("a notification that is lost does not undo the commit", "[postgres][commit]") {
    for (const auto when : {PgGate::When::before, PgGate::When::after}) {
        Commit commit;
        commit.gate.cut_at("NOTIFY", when);
        CHECK(commit.create().has_value());
        CHECK(commit.gate.cuts() == 1);
        CHECK(commit.exists());
    }
}

TEST_CASE("a large broadcast is not bound by the limit of a statement", "[postgres][commit]") {
    PgFixture fixture([](PostgresParams& params) { params.statement_timeout = milliseconds(250); });
    StoreDriver driver(fixture);
    const auto id = driver.create(200'000, 1000);
    CHECK(driver.get(id).counts[MessageStatus::pending] == 200'000);
}

} // namespace smsbcast::test
