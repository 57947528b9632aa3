#pragma once

#include "connection.hpp"

#include "smsbcast/adapters/postgres/postgres.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smsbcast::adapters::postgres {

/// A bounded pool of connections. libpq looks names up and shakes hands without a way to wait on it, so connections are
/// made on a thread of the pool's own; everything else happens on the shard.
class Database {
public:
    Database(runtime::asio::io_context& shard, PostgresParams params);
    ~Database();

    /// Gives the connection back when it dies.
    class PooledConnection {
    public:
        PooledConnection(Database& owner, std::shared_ptr<Connection> connection)
            : owner_(&owner), connection_(std::move(connection)) {}
        PooledConnection(PooledConnection&& other) noexcept
            : owner_(other.owner_), connection_(std::move(other.connection_)) {}
        PooledConnection& operator=(PooledConnection&&) = delete;
        ~PooledConnection();
        Connection* operator->() const { return connection_.get(); }
        Connection& operator*() const { return *connection_; }

    private:
        Database* owner_;
        std::shared_ptr<Connection> connection_;
    };

    /// Gives a free connection, or a new one, or waits for one; callers are served in the order in
    /// which they asked. Errors: unavailable (none could be made), timeout.
    runtime::Awaitable<Result<PooledConnection>> acquire(Deadline deadline);

    /// A connection of the caller's own, which the pool does not count, on its way. The attempt
    /// goes on between the waits for it, for connect_timeout at most.
    struct Attempt;
    std::shared_ptr<Attempt> begin_connecting();

    /// Waits for the attempt. Errors: unavailable: it failed; timeout: it goes on, and may be
    /// waited for again.
    runtime::Awaitable<Result<std::shared_ptr<Connection>>> finish_connecting(std::shared_ptr<Attempt> attempt,
                                                                              Deadline deadline);

    /// Says that nobody will wait for the attempt any more, so that it is not begun if others queue
    /// for the thread.
    static void give_up(Attempt& attempt);

    /// One transaction on any connection, run again up to five times where the server gave it up (Errc::retry).
    runtime::Awaitable<Result<std::vector<Rows>>> run(Transaction transaction, Deadline deadline);

    /// The same for a transaction that changes nothing: never Errc::uncertain.
    runtime::Awaitable<Result<std::vector<Rows>>> read(Transaction transaction, Deadline deadline);

    /// A connection of the caller's own, which the pool does not count.
    runtime::Awaitable<Result<std::shared_ptr<Connection>>> connect(Deadline deadline);

    /// Whether the server is fit for this program is asked once per Database (vetting.hpp).
    bool vetted() const { return vetted_; }
    void note_vetted() { vetted_ = true; }

    /// Whether the tables are where they were written is looked up once per Database
    /// (installation.cpp).
    bool at_home() const { return at_home_; }
    void note_at_home() { at_home_ = true; }

    /// Succeeds when the server answers and its schema is this program's. Errors: conflict when it is another one.
    runtime::Awaitable<Result<void>> ping(Deadline deadline);

    /// Every call under way and all later ones fail.
    void abandon();

    runtime::asio::io_context& shard() { return shard_; }
    const PostgresParams& params() const { return params_; }

    /// The channel of NOTIFY by which a commit wakes the relay.
    std::string channel() const { return params_.schema + "_outbox"; }

    /// The NOTIFY of that channel; lives as long as the database.
    const char* notify_command() const { return notify_command_.c_str(); }

    /// A number of 0 to 63 that this process writes its counts under.
    std::int32_t writer() const { return writer_; }

private:
    PooledConnection lend(std::shared_ptr<Connection> connection);
    void give_back(std::shared_ptr<Connection> connection);
    void free_slot();
    void log_connect_failure(const std::string& reason);

    runtime::asio::io_context& shard_;
    PostgresParams params_;
    const std::string notify_command_ = "NOTIFY \"" + channel() + "\"";
    std::int32_t writer_;
    std::vector<std::shared_ptr<Connection>> idle_;
    std::size_t free_slots_;
    std::size_t waiting_ = 0;
    runtime::Wakeup freed_;
    bool failure_logged_ = false;
    bool abandoned_ = false;
    bool vetted_ = false;
    bool at_home_ = false;
    std::vector<std::weak_ptr<Connection>> lent_;
    runtime::asio::thread_pool connector_{1};
};

} // namespace smsbcast::adapters::postgres
