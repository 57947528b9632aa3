#include "sqlite_fixture.hpp"

#include "adapters/sqlite/mark.hpp"

#include "smsbcast/domain/hold.hpp"

#include <fmt/format.h>

#include <fstream>
#include <random>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

// A file that was restored from a copy is known by the mark beside it; one that ended anyhow is not taken for one.

namespace smsbcast::test {

namespace sqlite = adapters::sqlite;
namespace fs = std::filesystem;

namespace {

constexpr int kFewPages = 50;

/// A store on a file that outlives it.
struct Place {
    TempFolder folder;
    std::string file = folder.file();

    sqlite::SqliteParams params() const { return {file, kFewPages}; }
    std::string beside(const std::string& suffix) const { return file + suffix; }

    /// By sqlite3's own means, as an operator would, also while it is open.
    void back_up(const std::string& to) const {
        sqlite::Connection db(file, sqlite::Connection::Access::read_only);
        db.execute(fmt::format("VACUUM INTO '{}'", to).c_str());
    }

    void put_back(const std::string& from) const { fs::copy_file(from, file, fs::copy_options::overwrite_existing); }

    std::string refusal() const {
        const auto opened = sqlite::open_database(params());
        return opened ? "" : opened.error().message;
    }

    std::string reason() const {
        SqliteFixture fixture(params());
        const auto hold = StoreDriver(fixture).held();
        return hold ? hold->because : "";
    }
};

/// Takes a ticket, and gives it back: it counts as handed over all the same.
void hand_over(StoreDriver& driver) {
    driver.give_back(refs(driver.take(driver.queue())));
}

/// Runs `work` on the file in a process that is killed once `until` returns.
template <class Work, class Until>
void run_and_kill(const Place& place, Work work, Until until) {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        SqliteFixture fixture(place.params());
        StoreDriver driver(fixture);
        work(driver);
        ::_exit(0);
    }
    until();
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status)); // otherwise it has failed by itself
}

void wait_for_file(const std::string& path) {
    const auto deadline = Deadline::after(kPatience);
    while (!fs::exists(path))
        REQUIRE_FALSE(deadline.passed());
}

/// Leaves a log beside the file, with a commit in it that says so.
void leave_log(const Place& place) {
    const auto done = place.folder.file("done");
    run_and_kill(
        place,
        [&](StoreDriver& driver) {
            driver.create(300);
            hand_over(driver);
            std::ofstream(done) << "done";
            ::pause();
        },
        [&] { wait_for_file(done); });
    REQUIRE(fs::file_size(place.beside("-wal")) > 0);
}

} // namespace

TEST_CASE("an older copy in the file's place is held", "[sqlite][restore]") {
    const Place place;
    const auto copy = place.folder.file("copy.db");
    {
        SqliteFixture fixture(place.params());
        StoreDriver driver(fixture);
        driver.create(3);
        place.back_up(copy);
        hand_over(driver);
    }
    CHECK(place.reason().empty());
    place.put_back(copy);
    CHECK(place.reason() == hold_reason(kFileOlder));
    CHECK(place.reason() == hold_reason(kFileOlder)); // until it is released
    {
        SqliteFixture fixture(place.params());
        StoreDriver(fixture).end_hold();
    }
    CHECK(place.reason().empty());
}

TEST_CASE("the same copy is held as often as it is put back", "[sqlite][restore]") {
    Place place;
    const auto copy = place.folder.file("copy.db");
    {
        SqliteFixture fixture(place.params());
        StoreDriver driver(fixture);
        driver.create(3);
        hand_over(driver);
        place.back_up(copy);
        hand_over(driver);
    }
    const bool elsewhere = GENERATE(false, true);
    if (elsewhere)
        place.file = place.folder.file("elsewhere.db");
    const auto reason = elsewhere ? kFileMoved : kFileOlder;
    for (const auto seen : {reason, kFileOlder, kFileOlder}) {
        place.put_back(copy);
        CHECK(place.reason() == hold_reason(seen));
        SqliteFixture fixture(place.params());
        StoreDriver(fixture).end_hold();
    }
}

TEST_CASE("a copy without work hides no later one", "[sqlite][restore]") {
    const Place place;
    const auto done = place.folder.file("done.db"), copy = place.folder.file("copy.db");
    {
        SqliteFixture fixture(place.params());
        StoreDriver driver(fixture);
        driver.create(1);
        const auto taken = driver.take(driver.queue());
        driver.record({accepted(taken[0])});
        place.back_up(done);
        driver.create(3);
        hand_over(driver);
        place.back_up(copy);
        hand_over(driver);
    }
    place.put_back(done);
    CHECK(place.reason().empty());
    place.put_back(copy);
    CHECK(place.reason() == hold_reason(kFileOlder));
}

TEST_CASE("a copy of what was taken already is held when that went out", "[sqlite][restore]") {
    const Place place;
    const auto copy = place.folder.file("copy.db");
    {
        SqliteFixture fixture(place.params());
        StoreDriver driver(fixture);
        driver.create(2, 1);
        const auto taken = driver.take(driver.queue());
        SECTION("before it was begun") {
            place.back_up(copy);
            driver.mark_in_flight({taken[0].ref});
        }
        SECTION("before its result was recorded") {
            driver.mark_in_flight({taken[0].ref});
            place.back_up(copy);
            driver.record({accepted(taken[0])});
        }
    }
    place.put_back(copy);
    CHECK(place.reason() == hold_reason(kFileOlder));
}

TEST_CASE("a copy elsewhere is held", "[sqlite][restore]") {
    const Place here, there;
    {
        SqliteFixture fixture(here.params());
        StoreDriver driver(fixture);
        driver.create(3);
        hand_over(driver);
    }
    there.put_back(here.file);
    SECTION("without the mark") {
        CHECK(there.reason() == hold_reason(kFileMoved));
    }
    SECTION("with the mark") {
        std::string line;
        std::getline(std::ifstream(here.beside("-mark")), line);
        const auto mark = sqlite::parse_mark(line + "\n");
        REQUIRE(mark);
        fs::copy_file(here.beside("-mark"), there.beside("-mark"));
        if (mark->born != 0) // the file system tells when a file was made
            CHECK(there.reason() == hold_reason(kFileMoved));
    }
    SECTION("over another installation") {
        const Place other;
        { SqliteFixture fixture(other.params()); }
        other.put_back(here.file);
        CHECK(other.reason() == hold_reason(kFileMoved));
    }
    CHECK(here.reason().empty());
}

TEST_CASE("a copy with nothing left to send is not held", "[sqlite][restore]") {
    const Place here, there;
    {
        SqliteFixture fixture(here.params());
        StoreDriver driver(fixture);
        driver.create(2);
        driver.record(all_accepted(driver.take_due()));
    }
    there.put_back(here.file);
    CHECK(there.reason().empty());
    {
        SqliteFixture fixture(there.params());
        StoreDriver driver(fixture);
        driver.create(2);
    }
    CHECK(there.reason().empty()); // it is at home here by now
}

TEST_CASE("a file without a mark that handed nothing over is not held", "[sqlite][restore]") {
    const Place place;
    {
        SqliteFixture fixture(place.params());
        StoreDriver(fixture).create(2);
    }
    fs::remove(place.beside("-mark"));
    CHECK(place.reason().empty());
}

TEST_CASE("a copy put beside the log of another file is refused, and stays whole", "[sqlite][restore]") {
    const Place place;
    const auto copy = place.folder.file("copy.db");
    {
        SqliteFixture fixture(place.params());
        StoreDriver driver(fixture);
        driver.create(30'000);
        place.back_up(copy);
    }
    leave_log(place);
    if (GENERATE(false, true))
        fs::rename(copy, place.file);
    else
        place.put_back(copy);
    const auto found = place.refusal();
    CHECK(found.find(place.file + " is not the file that " + place.file + "-wal belongs to") == 0);
    CHECK(place.refusal() == found);
    // When the log is gone it is opened, and held.
    fs::remove(place.beside("-wal"));
    fs::remove(place.beside("-shm"));
    CHECK(place.reason() == hold_reason(kFileOlder));
}

TEST_CASE("a file and its log that were copied together are opened", "[sqlite][restore]") {
    const Place here, there;
    leave_log(here);
    for (const auto* suffix : {"", "-wal"})
        fs::copy_file(here.beside(suffix), there.beside(suffix));
    CHECK(there.reason() == hold_reason(kFileMoved));
    CHECK(here.reason().empty());
}

TEST_CASE("a process that is killed at any moment leaves nothing that looks like a copy", "[sqlite][restore]") {
    const Place place;
    const auto seed = std::random_device()();
    INFO("seed " << seed);
    std::minstd_rand dice(seed);
    const auto working = place.folder.file("working");
    for (int round = 0; round < 40; ++round) {
        fs::remove(working);
        run_and_kill(
            place,
            [&](StoreDriver& driver) {
                for (;;) {
                    driver.create(400);
                    hand_over(driver);
                    std::ofstream(working) << "working";
                }
            },
            // The moment of the kill is what this is about: at any time, or, on a slow machine too, while it works.
            [&] {
                if (round % 2 == 1)
                    wait_for_file(working);
                std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution(1, 80)(dice)));
            });
        INFO("round " << round);
        if (round % 3 == 2) // in between it is opened by the next one that is killed
            REQUIRE(place.reason().empty());
    }
    SqliteFixture fixture(place.params());
    CHECK(fixture.number("SELECT handed_over FROM installation") > 0);
}

} // namespace smsbcast::test
