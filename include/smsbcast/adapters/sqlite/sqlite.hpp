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
#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace smsbcast::adapters::sqlite {

/// The settings of the embedded store. One process per file.
struct SqliteParams {
    std::string path; ///< of the file, which is made where there is none; its folder must exist, on a local disk
    int checkpoint_pages = 8000; ///< of the log, 4 KB each, at which it is brought into the file
};

class Database;

/// The reason why the file cannot be opened: one sentence that names it and says what would help.
struct OpenFailure {
    std::string message;
    bool in_use = false; ///< by another process
};
template <class T>
using Opened = boost::system::result<T, OpenFailure>;

/// Opens the file, brings its schema up to date and deletes what a broadcast that was never finished left in it.
/// Blocks, usually for a moment. One process and one Database a file: it holds a lock on `<path>.lock` as long as it
/// lives. A file that shows to be a copy, by `<path>-mark` beside it, is held (Installation) when something is left to
/// send; one that was put beside the log of another is refused before anything is read.
///
/// The Database has threads of its own and serves stores on any number of shards. Destroy it after them, by letting go
/// of the last pointer: it then carries out what is queued, and closes the file.
Opened<std::shared_ptr<Database>> open_database(const SqliteParams& params);

/// Every create call under way and all later ones fail with `unavailable`, at the latest when the piece that is being
/// written is done; what they have written is deleted when the file is next opened. The other calls are short, and go
/// on: other roles may still need them. It may be called from any thread.
void abandon_creations(Database& database);

/// The stores of one shard. Make and destroy them on that shard's thread, or while it does not run. They never block
/// it; a call whose deadline passes returns then, with `uncertain` where a change was being made at that moment. While
/// the disk is full or broken calls return `unavailable`, and ping() fails until a write succeeds again.
std::unique_ptr<BroadcastStore> make_broadcast_store(boost::asio::io_context& shard,
                                                     std::shared_ptr<Database> database);
std::unique_ptr<Outbox> make_outbox(boost::asio::io_context& shard, std::shared_ptr<Database> database);
std::unique_ptr<TicketStore> make_ticket_store(boost::asio::io_context& shard, std::shared_ptr<Database> database);
std::unique_ptr<ReceiptStore> make_receipt_store(boost::asio::io_context& shard, std::shared_ptr<Database> database);
std::unique_ptr<Housekeeping> make_housekeeping(boost::asio::io_context& shard, std::shared_ptr<Database> database);
std::unique_ptr<Installation> make_installation(boost::asio::io_context& shard, std::shared_ptr<Database> database);

/// `most` is how many keys there may be. Fewer than the port says are for tests, which reach that bound.
std::unique_ptr<KeyStore> make_key_store(boost::asio::io_context& shard, std::shared_ptr<Database> database,
                                         std::size_t most = KeyStore::kMost);

/// For `migrate status`: reads the file without changing it, also while another process has it
/// open. Where the file does not exist, no migration is applied.
Opened<std::vector<schema::MigrationState>> migration_states(const SqliteParams& params);

} // namespace smsbcast::adapters::sqlite
