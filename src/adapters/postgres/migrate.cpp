#include "adoption.hpp"
#include "database.hpp"
#include "installation.hpp"
#include "migrations.hpp"
#include "vetting.hpp"

#include "smsbcast/base/log.hpp"

#include <fmt/format.h>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// Advisory locks are shared by everybody in a database, so any fixed number will do that no other
// program is likely to use; this one is the first eight letters of the name.
constexpr std::int64_t kLockKey = 0x736d736263617374;

constexpr Statement kTryLock{"migration_lock", "SELECT pg_try_advisory_lock($1::bigint)"};
constexpr Statement kHaveTable{"migrations_table", "SELECT to_regclass('schema_migrations') IS NOT NULL"};
// The first releases made the table without compatible_with, and naming a column that is missing
// would be an error; its absence from the row as JSON is a NULL.
constexpr Statement kApplied{
    "migrations_applied",
    "SELECT number, name, checksum, (to_jsonb(m) ->> 'compatible_with')::int FROM schema_migrations m"};
constexpr Statement kNoteApplied{"note_migration",
                                 "INSERT INTO schema_migrations (number, name, checksum, compatible_with) "
                                 "VALUES ($1::int, $2::text, $3::text, $4::int)"};

constexpr const char* kCreateTable = "CREATE TABLE IF NOT EXISTS schema_migrations ("
                                     "number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, "
                                     "applied_at timestamptz NOT NULL DEFAULT now());"
                                     // The first releases made it without.
                                     "ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS compatible_with integer";

// How long a migration may hold others up in front of a table that is in use, and how long it then
// leaves them alone.
constexpr std::chrono::milliseconds kLockWait{500}, kLockPause{2000};

// `migrate status` runs this against a database that was never migrated, so a missing table means
// that nothing was applied.
Awaitable<Result<schema::AppliedMigrations>> read_applied(Connection& connection, Deadline deadline) {
    schema::AppliedMigrations applied;
    const Transaction look = single(kHaveTable, Params());
    const auto have = co_await connection.run(look, deadline);
    if (!have)
        co_return have.error();
    if (!have->front().boolean(0, 0))
        co_return applied;
    const Transaction transaction = single(kApplied, Params());
    const auto rows = co_await connection.run(transaction, deadline);
    if (!rows)
        co_return rows.error();
    const Rows& found = rows->front();
    for (int row = 0; row < found.size(); ++row) {
        schema::AppliedMigration migration{std::string(found.text(row, 1)), std::string(found.text(row, 2))};
        if (!found.is_null(row, 3))
            migration.compatible_with = found.integer(row, 3);
        applied.emplace(found.integer(row, 0), std::move(migration));
    }
    co_return applied;
}

// A changed migration is refused too: which of the two texts the tables came from could not be told
// any more.
Result<void> check(const schema::AppliedMigrations& applied) {
    const auto fault = schema::find_fault(migrations(), applied);
    if (!fault)
        return {};
    if (fault->kind == schema::SchemaFault::Kind::too_new)
        log::error("schema_too_new", {{"migration", fault->migration}, {"program", migrations().back().name}});
    else
        log::error("migration_changed", {{"migration", fault->migration}});
    return Errc::conflict;
}

Awaitable<Result<void>> apply_once(Connection& connection, const Migration& migration, Deadline deadline) {
    // The session's limits are made for short statements, and an ALTER of a large table may take
    // minutes. PostgreSQL runs DDL in transactions, so a crash at any point leaves the migration
    // done with its note, or not done at all.
    const auto sql = fmt::format("BEGIN; SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = 0;\n{}",
                                 kLockWait.count(), migration.text);
    auto done = co_await connection.execute(migration.name, sql.c_str(), deadline);
    if (done) {
        const Transaction note = single(kNoteApplied, Params()
                                                          .integer(migration.number)
                                                          .text(migration.name)
                                                          .text(schema::checksum(migration.text))
                                                          .integer(migration.compatible_with));
        const auto noted = co_await connection.run(note, deadline);
        done = noted ? Result<void>() : Result<void>(noted.error());
        // The note belongs to the same transaction: tables without it would make the next run fail
        // on what exists already.
        if (noted)
            done = co_await connection.execute("commit", "COMMIT", deadline);
    }
    if (done)
        log::info("migration_applied", {{"migration", migration.name}});
    else if (!connection.broken())
        co_await connection.execute("rollback", "ROLLBACK", deadline);
    co_return done;
}

// An ALTER that waits for a table which somebody reads, such as a backup, makes everybody wait who
// asks for the table after it. So it gives up soon, lets them through, and tries again.
Awaitable<Result<void>> apply(Connection& connection, const Migration& migration, runtime::asio::io_context& shard,
                              Deadline deadline) {
    for (bool is_first = true;; is_first = false) {
        const auto done = co_await apply_once(connection, migration, deadline);
        const bool in_use = !done && done.error() == Errc::timeout && !connection.broken();
        if (!in_use)
            co_return done;
        if (is_first)
            log::warn("migration_waits",
                      {{"migration", migration.name},
                       {"reason", "a table that it changes is in use by a long transaction, such as a backup"}});
        co_await runtime::sleep_until(shard, earlier(deadline, Deadline::after(kLockPause)));
        // A deadline that has passed would cost the connection.
        if (deadline.passed())
            co_return done;
    }
}

// CREATE SCHEMA IF NOT EXISTS would demand the right to create schemas even where the schema
// exists, and many database users do not have it.
Awaitable<Result<void>> make_schema(Connection& connection, std::string schema, Deadline deadline) {
    const auto look = fmt::format("SELECT to_regnamespace('\"{}\"') IS NOT NULL", schema);
    const auto have = co_await connection.ask("have_schema", look.c_str(), deadline);
    if (!have)
        co_return have.error();
    if (!have->boolean(0, 0)) {
        const auto create = fmt::format("CREATE SCHEMA \"{}\"", schema);
        const auto made = co_await connection.execute("create_schema", create.c_str(), deadline);
        // Missing rights (42501) arrive as internal. The log line gives the command that an
        // administrator can run, in place of a code to look up.
        if (!made && made.error() == Errc::internal) {
            const auto command = fmt::format("CREATE SCHEMA {} AUTHORIZATION the_user_of_DATABASE_URL", schema);
            log::error(
                "schema_not_made",
                {{"schema", schema}, {"reason", "this user may not make one: run the command"}, {"command", command}});
        }
        if (!made)
            co_return made;
    }
    co_return co_await connection.execute("create_schema_migrations", kCreateTable, deadline);
}

Awaitable<Result<void>> migrate_locked(Connection& connection, Database& database, Deadline deadline) {
    const PostgresParams& params = database.params();
    auto ready = co_await make_schema(connection, params.schema, deadline);
    if (ready && params.adopts_tables)
        // Adoption comes before the look at what was applied, since it brings the notes of earlier
        // migrations along.
        ready = co_await adopt_tables(connection, params.schema, database.shard(), deadline);
    if (!ready)
        co_return ready;
    const auto applied = co_await read_applied(connection, deadline);
    if (!applied)
        co_return applied.error();
    const auto sound = check(*applied);
    if (!sound)
        co_return sound;
    for (const auto& migration : migrations()) {
        if (applied->contains(migration.number))
            continue;
        const auto done = co_await apply(connection, migration, database.shard(), deadline);
        if (!done)
            co_return done;
    }
    co_return Result<void>();
}

} // namespace

Awaitable<Result<void>> migrate(std::shared_ptr<Database> database, Deadline deadline) {
    const auto fit = co_await vet(database, deadline);
    if (!fit)
        co_return fit;
    auto loan = co_await database->acquire(deadline);
    if (!loan)
        co_return loan.error();
    Connection& connection = **loan;
    // The lock is the session's and not a transaction's, since each migration commits by itself. It
    // ends with the connection at the latest, so a migration that was killed blocks nobody.
    const Transaction try_lock = single(kTryLock, Params().bigint(kLockKey));
    const auto locked = co_await connection.run(try_lock, deadline);
    if (!locked)
        co_return locked.error();
    // Whoever holds the lock does the work. The caller tries again and then finds nothing left to
    // do.
    if (!locked->front().boolean(0, 0))
        co_return Errc::retry;
    const auto done = co_await migrate_locked(connection, *database, deadline);
    const auto unlock = fmt::format("SELECT pg_advisory_unlock({})", kLockKey);
    if (!connection.broken())
        // The connection goes back to the pool, where it would carry the lock around for as long as
        // the process runs.
        co_await connection.execute("migration_unlock", unlock.c_str(), deadline);
    if (!done)
        co_return done;
    // A restored dump is recognised as soon as its schema fits, and before any role can claim a
    // ticket of it.
    co_return co_await note_home(database, deadline);
}

Awaitable<Result<void>> check_schema(std::shared_ptr<Database> database, Deadline deadline) {
    const auto fit = co_await vet(database, deadline);
    if (!fit)
        co_return fit;
    const auto answers = co_await database->ping(deadline);
    if (!answers)
        co_return answers;
    co_return co_await note_home(database, deadline);
}

Awaitable<Result<std::vector<schema::MigrationState>>> migration_states(std::shared_ptr<Database> database,
                                                                        Deadline deadline) {
    auto loan = co_await database->acquire(deadline);
    if (!loan)
        co_return loan.error();
    const auto applied = co_await read_applied(**loan, deadline);
    if (!applied)
        co_return applied.error();
    co_return schema::migration_states(migrations(), *applied);
}

} // namespace smsbcast::adapters::postgres
