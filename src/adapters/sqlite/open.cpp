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

// Every commit is on the disk when it is answered (FULL). The log goes into the file by Checkpoints, and does not stay
// larger than 64 MB. A negative cache size is in KiB.
constexpr const char* kForWriting = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
                                    "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 0;"
                                    "PRAGMA journal_size_limit = 67108864";
constexpr const char* kForReading = "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192";

constexpr Statement kUseLog{"use_log", "PRAGMA journal_mode = WAL"};

// The file was nobody's a moment ago, so no worker holds anything any more. A sweep does the rest.
constexpr Statement kEndLeases{"end_leases", "UPDATE outbox SET lease_until = 0 WHERE lease_until IS NOT NULL"};

// By one name only, so that a link to the file finds the lock of the file.
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
    // By another name it would have another lock and another log.
    if (std::filesystem::hard_link_count(path, ignored) > 1)
        return OpenFailure{fmt::format("{} has a second name (a hard link): remove one of the two", path)};
    return std::nullopt;
}

// It holds phone numbers and texts, so nobody else reads it. SQLite gives its other files the same mode.
std::optional<OpenFailure> make_private_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        ::close(fd); // nothing has opened it by SQLite yet
    else if (errno != EEXIST)
        return cannot_write_beside(path, errno);
    return std::nullopt;
}

std::optional<OpenFailure> prepare(Connection& db, const std::string& path) {
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
    if (mode != "wal")
        return OpenFailure{fmt::format("{}: its file system cannot hold it: give a path on a local disk", path)};
    db.execute(kForWriting);
    if (auto failure = bring_up_schema(db, path))
        return failure;
    clear_leftovers(db);
    db.run(kEndLeases);
    return std::nullopt;
}

// A copy of what was sent from elsewhere, or went on here after it was made.
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
    if (seen && work_is_left(db))
        hold(alone, hold_reason(*seen));
    if (seen)
        handed_over = branch_off(db, found && found->installation == id ? found->handed_over : 0);
    mark.belongs_to(id, handed_over);
}

Opened<std::shared_ptr<Database>> open_locked(const SqliteParams& params, FileLock lock) {
    const auto& path = params.path;
    auto mark = MarkFile::open(path);
    if (!mark)
        return mark.error();
    if (mark->is_misplaced())
        return misplaced(path);
    mark->begin_writing();
    if (auto failure = make_private_file(path))
        return *failure;
    Connection writing(path, Connection::Access::read_write);
    if (auto failure = prepare(writing, path))
        return *failure;
    hold_a_copy(writing, *mark);
    std::vector<Connection> reading;
    for (std::size_t i = 0; i < kReaders; ++i) {
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
