#include "creation.hpp"
#include "database.hpp"
#include "hold.hpp"
#include "hold_statements.hpp"
#include "open_failure.hpp"
#include "query.hpp"
#include "schema.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace smsbcast::adapters::sqlite {

namespace {

constexpr std::size_t kReaders = 2;

// Every commit is on the disk when it is answered (FULL). Checkpoints bring the log into the file,
// so SQLite's own are off; the log does not stay larger than 64 MB. A negative cache size is in
// KiB.
constexpr const char* kForWriting = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
                                    "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 0;"
                                    "PRAGMA journal_size_limit = 67108864";
constexpr const char* kForReading = "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192";

// In WAL mode a reader sees a snapshot while the writer goes on, and a commit costs one fsync of
// the log.
constexpr Statement kUseLog{"use_log", "PRAGMA journal_mode = WAL"};

// Nobody had the file a moment ago, so no worker holds anything any more: waiting for the leases to
// run out would only delay the restart. The next sweep does the rest.
constexpr Statement kEndLeases{"end_leases", "UPDATE outbox SET lease_until = 0 WHERE lease_until IS NOT NULL"};

// The file is known by one name only, so that a symbolic link to it finds the same lock, log and
// mark.
std::string full_path(const std::string& path) {
    std::error_code ignored;
    const auto found = std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
    return found.empty() ? path : found.string();
}

std::optional<OpenFailure> wrong_kind(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored))
        return std::nullopt;
    if (std::filesystem::is_directory(path, ignored))
        return OpenFailure{fmt::format("{} is a folder: give the path of a file in it", path)};
    if (!std::filesystem::is_regular_file(path, ignored))
        return OpenFailure{fmt::format("{} is not a file that can hold anything: give another path", path)};
    // Under its other name the file would have another lock, another log and another mark.
    if (std::filesystem::hard_link_count(path, ignored) > 1)
        return OpenFailure{fmt::format("{} has a second name (a hard link): remove one of the two", path)};
    return std::nullopt;
}

// The file holds phone numbers and texts, so nobody else may read it. SQLite would make it by the
// umask; it gives its other files the mode of this one.
std::optional<OpenFailure> make_private_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        ::close(fd); // nothing has opened it by SQLite yet
    else if (errno != EEXIST)
        return cannot_write_beside(path, errno);
    return std::nullopt;
}

std::optional<OpenFailure> prepare(Connection& db, const std::string& path) {
    // This comes before every write, so that the database of another program is left as it is.
    if (auto failure = check_owner(db, path))
        return failure;
    if (sqlite3_db_readonly(db.handle(), "main") == 1)
        return OpenFailure{fmt::format("{}: no permission to write it: make this user its owner", path)};
    std::string mode;
    {
        Query query(db, kUseLog);
        if (query.next())
            mode = query.text(0);
    }
    // A network file system without shared memory makes SQLite stay in another mode, in which
    // readers and the writer would block each other.
    if (mode != "wal")
        return OpenFailure{fmt::format("{}: its file system cannot hold it: give a path on a local disk", path)};
    db.execute(kForWriting);
    if (auto failure = bring_up_schema(db, path))
        return failure;
    // A creation that a crash interrupted has no caller any more, and nobody was told that it
    // succeeded.
    clear_leftovers(db);
    db.run(kEndLeases);
    return std::nullopt;
}

// The file may be a copy: of an installation that sent messages elsewhere, or of this one, which
// went on after the copy was made. In both cases what looks unsent may have been sent.
void hold_a_copy(Connection& db, MarkFile& mark) {
    Uuid id;
    std::int64_t handed_over = 0;
    {
        Query row(db, sql::kInstallation);
        if (row.next()) {
            id = row.uuid(0);
            handed_over = row.integer(1);
        }
    }
    const auto& found = mark.found();
    const auto seen = seen_at_opening(found, mark.born(), id, handed_over);
    Transaction alone{db, database_now()};
    // A copy without work left cannot send anything twice, so nobody has to be asked.
    if (seen && work_is_left(db))
        hold(alone, hold_reason(*seen));
    if (seen)
        // From here on this file is a history of its own, ahead of every copy of it.
        handed_over = branch_off(db, found && found->installation == id ? found->handed_over : 0);
    mark.belongs_to(id, handed_over);
}

Opened<std::shared_ptr<Database>> open_locked(const SqliteParams& params, FileLock lock) {
    const auto& path = params.path;
    auto mark = MarkFile::open(path);
    if (!mark)
        return mark.error();
    // SQLite would replay the foreign log into the file, and nothing could separate the two again.
    // So this is asked before SQLite opens anything.
    if (mark->is_misplaced())
        return misplaced(path);
    // Opening may already write the file: SQLite recovers a log that a crash left, and migrations
    // follow. The mark must say so before.
    mark->begin_writing();
    if (auto failure = make_private_file(path))
        return *failure;
    Connection writing(path, Connection::Access::read_write);
    if (auto failure = prepare(writing, path))
        return *failure;
    hold_a_copy(writing, *mark);
    std::vector<Connection> reading;
    for (std::size_t i = 0; i < kReaders; ++i) {
        // Readers are opened last, when the schema is the one that their statements are made for.
        reading.emplace_back(path, Connection::Access::read_only);
        reading.back().execute(kForReading);
    }
    return std::make_shared<Database>(params, std::move(lock), std::move(*mark), std::move(writing),
                                      std::move(reading));
}

} // namespace

Opened<std::shared_ptr<Database>> open_database(const SqliteParams& params) {
    const auto path = full_path(params.path);
    if (auto failure = wrong_kind(path))
        return *failure;
    // The lock comes first, since the mark and the schema are written below without any other
    // protection.
    auto lock = FileLock::acquire(path);
    if (!lock)
        return lock.error();
    try {
        return open_locked({path, params.checkpoint_pages}, std::move(*lock));
    } catch (const SqlFailure& failure) {
        return refused(path, failure);
    }
}

Opened<std::vector<schema::MigrationState>> migration_states(const SqliteParams& params) {
    const auto path = full_path(params.path);
    std::error_code ignored;
    // Opening would create it, and a status must not change anything.
    if (!std::filesystem::exists(path, ignored))
        return schema::migration_states(migrations(), {});
    try {
        Connection db(path, Connection::Access::read_only);
        if (auto failure = check_owner(db, path))
            return *failure;
        return schema::migration_states(migrations(), read_applied(db));
    } catch (const SqlFailure& failure) {
        return refused(path, failure);
    }
}

} // namespace smsbcast::adapters::sqlite
