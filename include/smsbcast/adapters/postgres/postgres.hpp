#pragma once

#include "smsbcast/ports/broadcast_store.hpp"
#include "smsbcast/ports/housekeeping.hpp"
#include "smsbcast/ports/installation.hpp"
#include "smsbcast/ports/key_store.hpp"
#include "smsbcast/ports/outbox.hpp"
#include "smsbcast/ports/receipt_store.hpp"
#include "smsbcast/ports/ticket_store.hpp"
#include "smsbcast/schema/migrations.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace smsbcast::adapters::postgres {

/// The settings of one role's pool. Every wait on the server is bounded by the deadline of its call
/// as well.
struct PostgresParams {
    std::string url;           ///< as libpq takes it: a postgres:// URL or keywords; may hold a password
    std::size_t pool_size = 4; ///< 1 to 64 connections
    std::string application_name = "smsbcast";
    std::string schema = "smsbcast"; ///< holds every table; lower-case letters, digits and `_`, 50 at most
    /// Whether tables that a release without a schema of its own made in the user's search path are this
    /// installation's: they are used where they are until migrate() can move them.
    bool adopts_tables = false;
    std::chrono::milliseconds connect_timeout{5000};
    std::chrono::milliseconds statement_timeout{30000};
    std::chrono::milliseconds lock_timeout{10000};
    bool synchronous_commit = true; ///< off where a lost commit does no harm (the relay: a ticket is published again)
};

class Database;

/// The reason why the URL cannot be used, as a sentence that repeats nothing of it; empty when it
/// can be used. Pure.
std::string check_url(const std::string& url);

/// The pool of one role, on its shard. It connects when it is first used, so it can be made while
/// the server is away. Throws std::invalid_argument with the sentence of check_url(). Destroy it
/// after the stores that use it; that waits for a connection attempt under way (connect_timeout at
/// most).
std::shared_ptr<Database> make_database(boost::asio::io_context& shard, PostgresParams params);

/// Cuts its connections: every call under way and all later ones fail, as unavailable or uncertain.
void abandon(Database& database);

/// The stores share the pool and belong to its shard.
std::unique_ptr<BroadcastStore> make_broadcast_store(std::shared_ptr<Database> database);
std::unique_ptr<Outbox> make_outbox(std::shared_ptr<Database> database);
std::unique_ptr<TicketStore> make_ticket_store(std::shared_ptr<Database> database);
std::unique_ptr<ReceiptStore> make_receipt_store(std::shared_ptr<Database> database);
std::unique_ptr<Housekeeping> make_housekeeping(std::shared_ptr<Database> database);
std::unique_ptr<Installation> make_installation(std::shared_ptr<Database> database);

/// `most` is how many keys there may be. Fewer than the port says are for tests, which reach that bound.
std::unique_ptr<KeyStore> make_key_store(std::shared_ptr<Database> database, std::size_t most = KeyStore::kMost);

/// Brings the schema up to this program's, under an advisory lock, each migration in a transaction of its own. Tables
/// to adopt are moved into it once no role of the release that made them is connected; whether they were is logged.
/// Errors: unavailable, timeout; retry while another one migrates; conflict when the schema is newer than this program,
/// an applied migration was changed, the encoding is not UTF-8, or a pooler in front keeps no sessions. What was wrong
/// is logged. As check_schema(), it then holds the installation where its tables came from a dump.
boost::asio::awaitable<Result<void>> migrate(std::shared_ptr<Database> database, Deadline deadline);

/// Succeeds when the server answers and its schema is this program's. Where the tables were restored from a dump while
/// something was left to send, the installation is held when it returns. Errors: unavailable, timeout; conflict when
/// the schema is older or newer; internal when there is none at all.
boost::asio::awaitable<Result<void>> check_schema(std::shared_ptr<Database> database, Deadline deadline);

/// For `migrate status`: reads what was applied and changes nothing. Errors: unavailable, timeout.
boost::asio::awaitable<Result<std::vector<schema::MigrationState>>> migration_states(std::shared_ptr<Database> database,
                                                                                     Deadline deadline);

} // namespace smsbcast::adapters::postgres
