#include "adoption.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <fmt/format.h>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// This query names the first schema of the search path, other than ours, that holds tables of this
// program. A table called outbox alone proves little, since many programs have one; only our
// schema_migrations has a column `checksum`.
#define SMSBCAST_OLD_HOME                                                                                              \
    "SELECT s FROM unnest(current_schemas(false)) s "                                                                  \
    "WHERE s <> '{0}' AND to_regclass(format('%I.outbox', s)) IS NOT NULL AND EXISTS "                                 \
    "(SELECT FROM pg_attribute WHERE attrelid = to_regclass(format('%I.schema_migrations', s)) "                       \
    "AND attname = 'checksum') LIMIT 1"

// Roles of the releases to adopt from connect under an application name with a dash
// (`smsbcast-api`), ours use a slash. Tables must not move under the older ones: their search path
// leads to the old schema only.
constexpr const char* kOldSessions = "SELECT count(*)::int FROM pg_stat_activity "
                                     "WHERE datname = current_database() AND application_name LIKE 'smsbcast-%'";

// The tables are locked in the order in which other transactions lock their rows, so the move
// cannot deadlock with them. NOWAIT matters because a waiting ACCESS EXCLUSIVE request would make
// every later reader and writer queue up behind it. The migrations of the old schema are replaced
// by one with an impossible number: an older program that is started by mistake finds a schema that
// is too new, says so, and writes nothing.
constexpr const char* kMove = R"(
BEGIN;
SET LOCAL statement_timeout = 0;
LOCK TABLE {0}.messages, {0}.outbox, {0}.broadcast_counts, {0}.broadcasts, {0}.attempts, {0}.provider_refs,
           {0}.receipt_inbox IN ACCESS EXCLUSIVE MODE NOWAIT;
ALTER TABLE {0}.messages SET SCHEMA {1};
ALTER TABLE {0}.outbox SET SCHEMA {1};
ALTER TABLE {0}.broadcast_counts SET SCHEMA {1};
ALTER TABLE {0}.broadcasts SET SCHEMA {1};
ALTER TABLE {0}.attempts SET SCHEMA {1};
ALTER TABLE {0}.provider_refs SET SCHEMA {1};
ALTER TABLE {0}.receipt_inbox SET SCHEMA {1};
ALTER VIEW {0}.messages_shown SET SCHEMA {1};
ALTER TYPE {0}.message_status SET SCHEMA {1};
ALTER TYPE {0}.broadcast_status SET SCHEMA {1};
DELETE FROM {0}.schema_migrations;
INSERT INTO {0}.schema_migrations (number, name, checksum) VALUES (999999, 'moved_to_schema_{1}', '');
COMMIT
)";

// Fifty tries, 100 ms apart, are about five seconds. Transactions of this program last
// milliseconds, so a gap comes soon; if none does, the tables stay where they are and still work.
constexpr int kMoveTries = 50;
constexpr std::chrono::milliseconds kMovePause{100};

void log_deferred(std::string_view old_home, std::string_view reason) {
    log::warn("tables_not_moved", {{"schema", old_home},
                                   {"reason", reason},
                                   {"next", "they are used where they are; run smsbcast migrate again later"}});
}

// A move that cannot be done now is no failure of the migration: the search path finds the tables
// in both places, so the role starts and a later run tries again.
Awaitable<Result<void>> move_tables(Connection& connection, std::string old_home, std::string schema,
                                    runtime::asio::io_context& shard, Deadline deadline) {
    const auto sql = fmt::format(fmt::runtime(kMove), old_home, schema);
    Result<void> moved = Errc::timeout;
    for (int tries = 0; tries < kMoveTries && !moved && !deadline.passed(); ++tries) {
        if (tries > 0)
            co_await runtime::sleep_until(shard, earlier(deadline, Deadline::after(kMovePause)));
        moved = co_await connection.execute("move_tables", sql.c_str(), deadline);
        // A connection that broke in mid-transaction has rolled it back or committed it whole;
        // either way the next look at the schema finds one home and not two.
        if (!moved && connection.broken())
            co_return moved;
        if (!moved)
            // The text began a transaction, which its failed statement aborted. Until it is rolled
            // back, the server answers every further statement of this session with 25P02.
            co_await connection.execute("rollback", "ROLLBACK", deadline);
    }
    if (moved)
        log::info("tables_moved", {{"from", old_home}, {"to", schema}});
    else
        log_deferred(old_home, "they could not be locked, or belong to another user");
    co_return Result<void>();
}

} // namespace

std::string set_search_path(std::string_view schema, bool adopts_tables) {
    if (!adopts_tables)
        return fmt::format("SET search_path = \"{}\"", schema);
    // The old schema stands behind ours only while ours has no outbox. The session of a role that
    // lives through the move resolves the same unqualified names to the moved tables: PostgreSQL
    // resolves names in the search path anew and replans what it had prepared.
    return fmt::format("SELECT set_config('search_path', concat_ws(', ', '{0}', (SELECT quote_ident(s) FROM "
                       "(" SMSBCAST_OLD_HOME ") t WHERE to_regclass('{0}.outbox') IS NULL)), false)",
                       schema);
}

Awaitable<Result<void>> adopt_tables(Connection& connection, std::string_view schema, runtime::asio::io_context& shard,
                                     Deadline deadline) {
    const auto look = fmt::format("SELECT quote_ident(s) FROM (" SMSBCAST_OLD_HOME ") t "
                                  "WHERE to_regclass('{0}.outbox') IS NULL",
                                  schema);
    const auto found = co_await connection.ask("old_home", look.c_str(), deadline);
    if (!found)
        co_return found.error();
    if (found->empty())
        co_return Result<void>();
    const std::string old_home(found->text(0, 0));
    // The old tables already have these migrations. Without the note this program would run 001
    // again, and make a second, empty set of tables beside the full one.
    const auto note = fmt::format("INSERT INTO {1}.schema_migrations (number, name, checksum) "
                                  "SELECT number, name, checksum FROM {0}.schema_migrations ON CONFLICT DO NOTHING",
                                  old_home, schema);
    const auto noted = co_await connection.execute("adopt_migrations", note.c_str(), deadline);
    if (!noted)
        co_return noted;
    const auto old_sessions = co_await connection.ask("old_sessions", kOldSessions, deadline);
    if (!old_sessions)
        co_return old_sessions.error();
    // One role that still runs the older release is reason enough to wait: after the move it would
    // find no table at all.
    if (old_sessions->integer(0, 0) > 0) {
        log_deferred(old_home, "roles of the release that made them are still connected");
        co_return Result<void>();
    }
    co_return co_await move_tables(connection, old_home, std::string(schema), shard, deadline);
}

} // namespace smsbcast::adapters::postgres
