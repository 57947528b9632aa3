#include "sqlite_fixture.hpp"

#include <fmt/format.h>

#include <fstream>

#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

// What opening a file refuses, in one sentence that names it; and what stays when it is opened again.

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;

namespace {

std::string refusal(const std::string& path) {
    const auto opened = sqlite::open_database({path});
    REQUIRE_FALSE(opened.has_value());
    return opened.error().message;
}

bool says(const std::string& text, const std::string& part) {
    INFO(text);
    const bool found = text.find(part) != std::string::npos;
    CHECK(found);
    return found && text.find('\n') == std::string::npos;
}

void execute(const std::string& path, const char* sql) {
    sqlite::Connection(path, sqlite::Connection::Access::read_write).execute(sql);
}

void make_store(const std::string& path) {
    REQUIRE(sqlite::open_database({path}).has_value());
}

/// Tests may run as root, whom no permission stops: this thread then opens files as nobody.
class Unprivileged {
public:
    Unprivileged() { ::setfsuid(65534); }
    ~Unprivileged() { ::setfsuid(::geteuid()); }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;
};

} // namespace

TEST_CASE("each file has an id of its own, which stays", "[sqlite][open]") {
    SqliteFixture fixture, other;
    const auto id = [](SqliteFixture& of) { return of.run(of.installation().identity(StoreFixture::deadline())); };
    const auto own = id(fixture);
    REQUIRE(own.has_value());
    CHECK_FALSE(own->id.is_nil());
    CHECK(own->receipt_secret.size() == 64);
    fixture.open();
    CHECK(id(fixture).value() == *own);
    CHECK(id(other).value().id != own->id);
    CHECK(id(other).value().receipt_secret != own->receipt_secret);
}

TEST_CASE("a file that is opened again holds what was acknowledged", "[sqlite][open]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    const auto id = driver.create(250);
    const auto taken = driver.take(driver.queue());
    driver.record(all_accepted(taken[0]));
    driver.receive_one(receipt_by("nobody's"));
    const auto counts = driver.get(id).counts;
    fixture.open();
    CHECK(driver.get(id).counts == counts);
    CHECK(driver.renew(refs(taken)).lost.size() == 1); // the one that was finished
    CHECK(fixture.number("SELECT count(*) FROM receipt_inbox") == 1);
    driver.check_counts();
}

TEST_CASE("a file that is closed stands alone, and nobody else may read it", "[sqlite][open]") {
    SqliteFixture fixture;
    StoreDriver(fixture).create(10);
    struct stat found {};
    REQUIRE(::stat(fixture.folder().file().c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    fixture.close();
    CHECK_FALSE(std::filesystem::exists(fixture.folder().file("store.db-wal")));
    fixture.open();
}

TEST_CASE("a second opener is refused, by any name of the file", "[sqlite][open]") {
    SqliteFixture fixture;
    const auto path = fixture.folder().file();
    CHECK(says(refusal(path), fmt::format("{} is in use by process {}", path, ::getpid())));
    std::filesystem::create_symlink(path, fixture.folder().file("link.db"));
    CHECK(says(refusal(fixture.folder().file("link.db")), path + " is in use"));
    CHECK(says(refusal(fixture.folder().file("./store.db")), path + " is in use"));
    StoreDriver(fixture).create(1);
    fixture.close();
    make_store(path);
    fixture.open();
}

TEST_CASE("a path that leads nowhere is refused", "[sqlite][open]") {
    const TempFolder folder;
    CHECK(says(refusal(folder.file("none/store.db")), "none does not exist: create it"));
    const auto here = std::filesystem::current_path().string();
    CHECK(says(refusal("none/store.db"), "the folder " + here + "/none does not exist: create it"));
    std::ofstream(folder.file("plain")) << "x";
    CHECK(says(refusal(folder.file("plain/store.db")), "plain is not a folder"));
    CHECK(says(refusal("/dev/full"), "/dev/full is not a file that can hold anything"));
    CHECK_FALSE(std::filesystem::exists("/dev/full.lock"));
    make_store(folder.file("two.db"));
    std::filesystem::create_hard_link(folder.file("two.db"), folder.file("names.db"));
    CHECK(says(refusal(folder.file("names.db")), "has a second name"));
    std::filesystem::create_directory(folder.file("sub"));
    CHECK(says(refusal(folder.file("sub")), "sub is a folder"));
    CHECK(says(refusal("/proc/store.db"), "/proc"));
}

TEST_CASE("what this user may not write is refused", "[sqlite][open]") {
    const TempFolder folder;
    make_store(folder.file());
    ::chmod(folder.path().c_str(), 0555);
    ::chmod(folder.file().c_str(), 0444);
    {
        const Unprivileged nobody;
        CHECK(says(refusal(folder.file("new.db")), "no permission to write in the folder " + folder.path().string()));
    }
    ::chmod(folder.path().c_str(), 0777);
    ::chmod(folder.file("store.db.lock").c_str(), 0666);
    {
        const Unprivileged nobody;
        CHECK(says(refusal(folder.file()), folder.file() + ": no permission to write it"));
    }
    ::chmod(folder.file().c_str(), 0600);
    make_store(folder.file());
}

TEST_CASE("a file of somebody else's is refused, and left as it is", "[sqlite][open]") {
    const TempFolder folder;
    const std::string text = "this is a letter, and long enough to be taken for a header of a hundred bytes or so; "
                             "at least it would be if it began as one.";
    std::ofstream(folder.file("letter")) << text;
    CHECK(says(refusal(folder.file("letter")), "letter is not an SQLite database"));
    CHECK(std::filesystem::file_size(folder.file("letter")) == text.size());
    execute(folder.file("theirs"), "CREATE TABLE songs (title TEXT)");
    CHECK(says(refusal(folder.file("theirs")), "theirs is the database of another program"));
    execute(folder.file("marked"), "PRAGMA application_id = 17");
    CHECK(says(refusal(folder.file("marked")), "marked is the database of another program"));
    std::ofstream(folder.file("empty")) << "";
    make_store(folder.file("empty"));
}

TEST_CASE("a schema that is newer or was changed is refused", "[sqlite][open]") {
    const TempFolder folder;
    make_store(folder.file());
    execute(folder.file(),
            "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (99, '099_later', 'x', 0)");
    CHECK(says(refusal(folder.file()), "store.db was written by a newer smsbcast (migration 099_later)"));
    execute(folder.file(), "DELETE FROM schema_migrations WHERE number = 99;"
                           "UPDATE schema_migrations SET checksum = 'x' WHERE number = 1");
    CHECK(says(refusal(folder.file()), "store.db was made with another text of migration 001_foundation"));
    const auto states = sqlite::migration_states({folder.file()});
    REQUIRE(states.has_value());
    CHECK(states->front().standing == schema::MigrationState::Standing::changed);
}

TEST_CASE("a file of the first version is brought up to date with what is in it", "[sqlite][open]") {
    SqliteFixture fixture;
    StoreDriver driver(fixture);
    driver.create(1);
    driver.record({accepted(driver.take_due())});
    const auto id = driver.create(3);
    fixture.close();
    execute(fixture.folder().file(), "DELETE FROM schema_migrations WHERE number > 1; DROP INDEX broadcasts_expiring;"
                                     "ALTER TABLE broadcasts DROP COLUMN expires_at;"
                                     "ALTER TABLE outbox DROP COLUMN requeues; DROP TABLE installation;"
                                     "ALTER TABLE messages DROP COLUMN provider;"
                                     "ALTER TABLE receipt_inbox DROP COLUMN provider; DROP TABLE provider_refs;"
                                     "CREATE TABLE provider_refs (provider_id TEXT PRIMARY KEY,"
                                     " message_id BLOB NOT NULL) STRICT, WITHOUT ROWID;"
                                     "INSERT INTO provider_refs SELECT 'p-1', id FROM messages WHERE sent_at > 0;"
                                     "DROP INDEX broadcasts_tenant; ALTER TABLE broadcasts DROP COLUMN tenant;"
                                     "DROP TABLE api_keys");
    const auto is_new = [&] {
        const auto states = sqlite::migration_states({fixture.folder().file()});
        REQUIRE(states.has_value());
        return states->back().standing == schema::MigrationState::Standing::applied;
    };
    CHECK_FALSE(is_new());
    fixture.open();
    CHECK(is_new());
    CHECK_FALSE(driver.get(id).expires_at);
    auto asked_by_another = fixture.broadcasts().get("another", id, StoreFixture::deadline());
    CHECK(fixture.run(std::move(asked_by_another)).error() == Errc::not_found);
    CHECK(driver.get(id).counts[MessageStatus::pending] == 3);
    CHECK(driver.receive_one(receipt_by("p-1")) == ReceiptOutcome::applied);
    fixture.expire(id);
    CHECK(driver.expire_broadcasts() > 0);
}

TEST_CASE("migrations are told without opening the store", "[sqlite][open]") {
    SqliteFixture fixture;
    const auto states = sqlite::migration_states({fixture.folder().file()}); // beside the process that has it open
    REQUIRE(states.has_value());
    REQUIRE_FALSE(states->empty());
    CHECK(states->front().standing == schema::MigrationState::Standing::applied);
    const auto none = sqlite::migration_states({fixture.folder().file("none.db")});
    REQUIRE(none.has_value());
    CHECK(none->front().standing == schema::MigrationState::Standing::pending);
    CHECK_FALSE(std::filesystem::exists(fixture.folder().file("none.db")));
    StoreDriver(fixture).create(1);
}

} // namespace smsbcast::test
