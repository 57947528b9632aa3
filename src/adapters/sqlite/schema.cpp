#include "schema.hpp"

#include "query.hpp"

#include "smsbcast/base/log.hpp"

#include <fmt/format.h>

namespace smsbcast::adapters::sqlite {

namespace {

// The number spells "smsb". SQLite keeps it at a fixed place of the first page for exactly this:
// saying which program a file belongs to.
constexpr std::int64_t kApplication = 0x736d7362;
constexpr const char* kMark = "PRAGMA application_id = 0x736d7362";

constexpr Statement kOwner{"owner", "PRAGMA application_id"};
constexpr Statement kTables{"tables", "SELECT count(*) FROM sqlite_schema"};
constexpr Statement kHaveTable{
    "migrations_table", "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"};
constexpr Statement kHaveColumn{
    "compatible_column", "SELECT count(*) FROM pragma_table_info('schema_migrations') WHERE name = 'compatible_with'"};
constexpr Statement kApplied{"migrations_applied",
                             "SELECT number, name, checksum, compatible_with FROM schema_migrations"};
// SQLite has no way to name a column that may be missing, so files of the first releases have a
// statement of their own.
constexpr Statement kAppliedBefore{"migrations_applied_before",
                                   "SELECT number, name, checksum, NULL FROM schema_migrations"};
constexpr Statement kNoteApplied{"note_migration",
                                 "INSERT INTO schema_migrations (number, name, checksum, applied_at, compatible_with) "
                                 "VALUES (?1, ?2, ?3, unixepoch() * 1000, ?4)"};
constexpr const char* kCreateTable = "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY, "
                                     "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT";
// The first releases made the table without this column.
constexpr const char* kAddColumn = "ALTER TABLE schema_migrations ADD COLUMN compatible_with INTEGER";

std::int64_t number(Connection& db, const Statement& statement) {
    Query query(db, statement);
    return query.next() ? query.integer(0) : 0;
}

// The two cases are worded apart, since the remedies are opposite: a newer program for one, the old
// one for the other.
OpenFailure failure_of(const schema::SchemaFault& fault, const std::string& path) {
    if (fault.kind == schema::SchemaFault::Kind::too_new)
        return {fmt::format("{} was written by a newer smsbcast (migration {}): use that version or a later one", path,
                            fault.migration)};
    return {fmt::format("{} was made with another text of migration {}: use the version that made it", path,
                        fault.migration)};
}

void apply(Connection& db, const Migration& migration) {
    // The migration and its note are one transaction: SQLite's DDL is transactional, so a crash
    // leaves both or neither.
    db.execute("BEGIN IMMEDIATE");
    try {
        db.execute(std::string(migration.text).c_str());
        db.run(kNoteApplied, migration.number, migration.name, schema::checksum(migration.text),
               migration.compatible_with);
        db.execute("COMMIT");
    } catch (const SqlFailure&) {
        // Some failures (a full disk) have ended the transaction already, and a second ROLLBACK
        // would be an error.
        if (db.in_transaction())
            db.execute("ROLLBACK");
        throw;
    }
    log::info("migration_applied", {{"migration", migration.name}});
}

} // namespace

std::optional<OpenFailure> check_owner(Connection& db, const std::string& path) {
    const auto owner = number(db, kOwner);
    // An empty file has no owner yet; a file with tables and no mark is somebody else's and is left
    // alone.
    if (owner == kApplication || (owner == 0 && number(db, kTables) == 0))
        return std::nullopt;
    return OpenFailure{fmt::format("{} is the database of another program: give another path", path)};
}

std::optional<OpenFailure> bring_up_schema(Connection& db, const std::string& path) {
    const auto applied = read_applied(db);
    if (const auto fault = schema::find_fault(migrations(), applied))
        return failure_of(*fault, path);
    if (applied.empty()) {
        // The mark is set before the first table: a crash in between leaves an empty file that is
        // already known as ours.
        db.execute(kMark);
        db.execute(kCreateTable);
    }
    if (number(db, kHaveColumn) == 0)
        db.execute(kAddColumn);
    for (const auto& migration : migrations())
        if (!applied.contains(migration.number))
            apply(db, migration);
    return std::nullopt;
}

schema::AppliedMigrations read_applied(Connection& db) {
    schema::AppliedMigrations applied;
    if (number(db, kHaveTable) == 0)
        return applied;
    Query query(db, number(db, kHaveColumn) == 0 ? kAppliedBefore : kApplied);
    while (query.next()) {
        schema::AppliedMigration row{std::string(query.text(1)), std::string(query.text(2))};
        if (!query.is_null(3))
            row.compatible_with = query.small(3);
        applied.emplace(query.small(0), std::move(row));
    }
    return applied;
}

} // namespace smsbcast::adapters::sqlite
