#include "adoption.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <fmt/format.h>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// The first schema of the search path, but for ours, that holds tables of this program.
#define SMSBCAST_OLD_HOME                                                                                              \
    "SELECT s FROM unnest(current_schemas(false)) s "                                                                  \
    "WHERE s <> '{0}' AND to_regclass(format('%I.outbox', s)) IS NOT NULL AND EXISTS "                                 \
    "(SELECT FROM pg_attribute WHERE attrelid = to_regclass(format('%I.schema_migrations', s)) "                       \
    "AND attname = 'checksum') LIMIT 1"

// Roles of the releases to adopt from have names with a dash, ours one with a slash.
constexpr const char* kOldSessions = "SELECT count(*)::int FROM pg_stat_activity "
                                     "WHERE datname = current_database() AND application_name LIKE 'smsbcast-%'";

// In the order in which rows of them are locked elsewhere. NOWAIT: nobody queues behind a lock that is not to be had.
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

constexpr int kMoveTries = 50;
constexpr std::chrono::milliseconds kMovePause{100};

void tell_deferred(std::string_view old_home, std::string_view reason) {
    log::warn("tables_not_moved", {{"schema", old_home},
                                   {"reason", reason},
                                   {"next", "they are used where they are; run smsbcast migrate again later"}});
}

// The row that is left behind makes a role of the older release, started by mistake, say why it does not run.
Awaitable<Result<void>> move_tables(Connection& connection, std::string old_home, std::string schema,
                                    runtime::asio::io_context& shard, Deadline deadline) {
    const auto sql = fmt::format(fmt::runtime(kMove), old_home, schema);
    Result<void> moved = Errc::timeout;
    for (int tries = 0; tries < kMoveTries && !moved && !deadline.passed(); ++tries) {
        if (tries > 0)
            co_await runtime::sleep_until(shard, earlier(deadline, Deadline::after(kMovePause)));
        moved = co_await connection.execute("move_tables", sql.c_str(), deadline);
        if (!moved && connection.broken())
            co_return moved;
        if (!moved)
            co_await connection.execute("rollback", "ROLLBACK", deadline);
    }
    if (moved)
        log::info("tables_moved", {{"from", old_home}, {"to", schema}});
    else
        tell_deferred(old_home, "they could not be locked, or belong to another user");
    co_return Result<void>();
}

} // namespace

std::string set_search_path(std::string_view schema, bool adopts_tables) {
    if (!adopts_tables)
        return fmt::format("SET search_path = \"{}\"", schema);
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
    const auto note = fmt::format("INSERT INTO {1}.schema_migrations (number, name, checksum) "
                                  "SELECT number, name, checksum FROM {0}.schema_migrations ON CONFLICT DO NOTHING",
                                  old_home, schema);
    const auto noted = co_await connection.execute("adopt_migrations", note.c_str(), deadline);
    if (!noted)
        co_return noted;
    const auto old_sessions = co_await connection.ask("old_sessions", kOldSessions, deadline);
    if (!old_sessions)
        co_return old_sessions.error();
    if (old_sessions->integer(0, 0) > 0) {
        tell_deferred(old_home, "roles of the release that made them are still connected");
        co_return Result<void>();
    }
    co_return co_await move_tables(connection, old_home, std::string(schema), shard, deadline);
}

} // namespace smsbcast::adapters::postgres
