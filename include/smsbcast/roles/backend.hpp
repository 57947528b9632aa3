#pragma once

#include "smsbcast/base/uuid.hpp"
#include "smsbcast/config/config.hpp"
#include "smsbcast/ports/broadcast_store.hpp"
#include "smsbcast/ports/housekeeping.hpp"
#include "smsbcast/ports/installation.hpp"
#include "smsbcast/ports/key_store.hpp"
#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/ports/outbox.hpp"
#include "smsbcast/ports/receipt_store.hpp"
#include "smsbcast/ports/ticket_store.hpp"
#include "smsbcast/schema/migrations.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::roles {

/// One role's way to the store, on its shard. It must outlive the ports that it made.
class StoreSession {
public:
    virtual ~StoreSession() = default;

    /// Brings the schema up to this program's. Errors: unavailable, timeout; retry while another one does so; conflict
    /// or internal when it cannot be used.
    virtual boost::asio::awaitable<Result<void>> migrate(Deadline deadline) = 0;

    /// Succeeds when the store answers and its schema is this program's. Errors: as those of migrate().
    virtual boost::asio::awaitable<Result<void>> check(Deadline deadline) = 0;

    /// Fails every call under way that may take long, a create call above all, and every later one of its kind, at once
    /// or as soon as the disk has answered. Meant for the end of a role.
    virtual void abandon() = 0;

    virtual std::unique_ptr<BroadcastStore> broadcasts() = 0;

    /// Makes a store for creating broadcasts alone. That may take long, and nothing else waits behind it.
    virtual std::unique_ptr<BroadcastStore> uploads() = 0;
    virtual std::unique_ptr<Outbox> outbox() = 0;
    virtual std::unique_ptr<TicketStore> tickets() = 0;
    virtual std::unique_ptr<ReceiptStore> receipts() = 0;
    virtual std::unique_ptr<Housekeeping> housekeeping() = 0;
    virtual std::unique_ptr<Installation> installation() = 0;
    virtual std::unique_ptr<KeyStore> keys() = 0;
};

/// Where the roles of a process keep what they know. Threads: any.
class StoreBackend {
public:
    virtual ~StoreBackend() = default;
    virtual std::unique_ptr<StoreSession> open(boost::asio::io_context& shard, std::string_view role) const = 0;
};

/// What carries tickets between the roles of one installation, in this process and in others. Threads: any.
class QueueBackend {
public:
    virtual ~QueueBackend() = default;
    virtual std::unique_ptr<TicketPublisher> publisher(boost::asio::io_context& shard, std::string_view role,
                                                       const Uuid& installation) const = 0;
    virtual std::unique_ptr<TicketConsumer> consumer(boost::asio::io_context& shard, std::string_view role,
                                                     const Uuid& installation) const = 0;

    /// Whether it began with the process: whatever was queued before is in no queue any more.
    virtual bool begins_empty() const = 0;
};

struct Backend {
    std::unique_ptr<StoreBackend> store;
    std::unique_ptr<QueueBackend> queue;
};

/// The embedded store is another process's.
class StoreInUse : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Every migration of the configured store and where it stands. Does not open the embedded store for itself, so it
/// works beside a process that has it open. Blocks. Throws std::runtime_error with the reason why it cannot be told.
std::vector<schema::MigrationState> migration_states(const config::Database& config);

/// Servers, or what lies in this process where the configuration says so. `config` must outlive the result.
/// Throws std::runtime_error with a sentence when the embedded store cannot be opened, StoreInUse where that is why.
std::unique_ptr<StoreBackend> make_store_backend(const config::Config& config);
Backend make_backend(const config::Config& config);

std::unique_ptr<StoreBackend> make_embedded_backend(const std::string& path);
std::unique_ptr<StoreBackend> make_postgres_backend(const config::Config& config);
std::unique_ptr<QueueBackend> make_rabbitmq_backend(const config::Config& config);
std::unique_ptr<QueueBackend> make_inprocess_backend(const config::Config& config);

} // namespace smsbcast::roles
