#include "database.hpp"

#include "connecting.hpp"
#include "database_url.hpp"
#include "migrations.hpp"

#include "smsbcast/base/log.hpp"
#include "smsbcast/base/random.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <utility>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// $1 is the newest migration that this program knows. Migrations beyond it were applied by a newer
// program; each of them says up to which older program it leaves room for. `to_jsonb` reads the
// column `compatible_with` also where a table of the first releases has none.
constexpr Statement kSchemaNumber{"schema_number", R"(
SELECT coalesce(max(number), 0)::int,
       coalesce(bool_and(coalesce((to_jsonb(m) ->> 'compatible_with')::int <= $1::int, false))
                FILTER (WHERE number > $1::int), true)
  FROM schema_migrations m
)"};

// One row of counts per broadcast would make every worker and every receipt wait for the same row
// lock. A process writes under one of 64 numbers instead, so the rows per broadcast stay few and a
// meeting of two processes is rare. The sum over them is exact.
constexpr int kWriters = 64;
// Locks are taken in one order everywhere, so a deadlock is an accident; a transaction that loses
// five times in a row has another problem, which the caller should see.
constexpr int kMaxRetries = 5;

} // namespace

// The attempt is shared with the connecting thread, so that it may outlive the wait for it.
struct Database::Attempt {
    explicit Attempt(runtime::asio::io_context& shard) : done(shard) {}
    Connected made;
    bool over = false;
    runtime::Wakeup done;
    std::atomic<bool> unwanted = false; // nobody waits any more: not worth starting, if others queue for the thread
};

Database::Database(runtime::asio::io_context& shard, PostgresParams params)
    : shard_(shard), params_(std::move(params)), writer_(static_cast<std::int32_t>(random_bits() % kWriters)),
      free_slots_(std::max<std::size_t>(1, params_.pool_size)), freed_(shard) {}

// The thread may be inside PQconnectdbParams, which nothing can interrupt; it ends by
// connect_timeout at the latest.
Database::~Database() {
    connector_.join();
}

Database::PooledConnection::~PooledConnection() {
    if (connection_)
        owner_->give_back(std::move(connection_));
}

Database::PooledConnection Database::lend(std::shared_ptr<Connection> connection) {
    // Weak pointers of connections that came back would otherwise pile up, one per loan.
    std::erase_if(lent_, [](const auto& lent) { return lent.expired(); });
    lent_.push_back(connection);
    return PooledConnection(*this, std::move(connection));
}

// A caller that is gone may have left a transaction open, which ends with the connection.
void Database::give_back(std::shared_ptr<Connection> connection) {
    if (!connection->broken() && connection->idle())
        idle_.push_back(std::move(connection));
    free_slot();
}

// The slot passes from hand to hand, so that a newcomer cannot overtake those who wait.
void Database::free_slot() {
    if (waiting_ == 0) {
        ++free_slots_;
        return;
    }
    --waiting_;
    freed_.notify_one();
}

void Database::log_connect_failure(const std::string& reason) {
    // Once an outage, not once an attempt.
    if (!failure_logged_)
        log::warn("database_unreachable",
                  {{"setting", "DATABASE_URL"}, {"address", shown_address(params_.url)}, {"reason", reason}});
    failure_logged_ = true;
}

std::shared_ptr<Database::Attempt> Database::begin_connecting() {
    auto attempt = std::make_shared<Attempt>(shard_);
    // From here on two threads are involved. `params` is a copy, `attempt` keeps itself alive, and
    // the result travels back by a post to the shard: nothing is touched by both at a time except
    // the atomic flag.
    runtime::asio::post(connector_, [attempt, &shard = shard_, params = params_] {
        auto made = std::make_shared<Connected>(Connected{nullptr, "nobody waits for it any more"});
        if (!attempt->unwanted)
            *made = connect_blocking(params);
        // If the shard's loop has ended by now, this post never runs and its captures are destroyed
        // with the context; the connection is closed by its handle.
        runtime::asio::post(shard, [attempt, made] {
            attempt->made = std::move(*made);
            attempt->over = true;
            attempt->done.notify_all();
        });
    });
    return attempt;
}

void Database::give_up(Attempt& attempt) {
    attempt.unwanted = true;
}

Awaitable<Result<std::shared_ptr<Connection>>> Database::connect(Deadline deadline) {
    const auto attempt = begin_connecting();
    auto connection = co_await finish_connecting(attempt, deadline);
    give_up(*attempt);
    co_return connection;
}

Awaitable<Result<std::shared_ptr<Connection>>> Database::finish_connecting(std::shared_ptr<Attempt> attempt,
                                                                           Deadline deadline) {
    while (!attempt->over) {
        const bool notified = co_await attempt->done.wait(deadline);
        if (!notified)
            co_return Errc::timeout;
    }
    if (!attempt->made.failure.empty()) {
        log_connect_failure(attempt->made.failure);
        co_return Errc::unavailable;
    }
    if (failure_logged_)
        log::info("database_reached");
    failure_logged_ = false;
    // The descriptor is registered with the shard's reactor here, on the shard's thread.
    co_return std::make_shared<Connection>(shard_, std::move(attempt->made.handle));
}

void Database::abandon() {
    abandoned_ = true;
    // Only the sockets are shut down here. The calls themselves resume later, from the loop, find
    // the end of file and give their connections back.
    for (const auto& connection : std::exchange(lent_, {}))
        if (const auto alive = connection.lock())
            alive->cut();
    freed_.notify_all();
}

Awaitable<Result<Database::PooledConnection>> Database::acquire(Deadline deadline) {
    if (abandoned_)
        co_return Errc::unavailable;
    if (free_slots_ > 0) {
        --free_slots_;
    } else {
        // free_slot() hands the slot to a waiter without ever counting it as free, so `free_slots_`
        // is not decremented on this path.
        ++waiting_;
        const bool handed_over = co_await freed_.wait(deadline);
        if (!handed_over) {
            --waiting_;
            co_return Errc::timeout;
        }
        if (abandoned_) // woken without a slot, of which nobody needs one any more
            co_return Errc::unavailable;
    }
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        // The connection that came back last is taken first, since it is the one most likely to be
        // alive. A dead one is dropped here, and its slot serves for the next.
        if (connection->still_alive())
            co_return lend(std::move(connection));
    }
    auto connection = co_await connect(deadline);
    if (connection && !abandoned_)
        co_return lend(std::move(*connection));
    // Nothing was made for the slot that this call holds; whoever waits for one may try.
    free_slot();
    if (connection)
        co_return Errc::unavailable;
    co_return connection.error();
}

Awaitable<Result<std::vector<Rows>>> Database::run(Transaction transaction, Deadline deadline) {
    for (int tries = 1;; ++tries) {
        auto loan = co_await acquire(deadline);
        if (!loan)
            co_return loan.error();
        // What cannot be waited for is not sent, since giving up in the middle costs the connection.
        if (deadline.passed())
            co_return Errc::timeout;
        // The transaction is passed as an lvalue because it may be sent again: the server undid the
        // first run of it completely.
        auto rows = co_await (*loan)->run(transaction, deadline);
        if (rows || rows.error() != Errc::retry || tries > kMaxRetries)
            co_return rows;
        // The jitter grows with the tries. Two transactions that ended in a deadlock would meet
        // again if both ran at once.
        const auto pause = std::chrono::microseconds(static_cast<std::int64_t>(random_fraction() * 5000 * tries));
        co_await runtime::sleep_until(shard_, earlier(deadline, Deadline::after(pause)));
    }
}

Awaitable<Result<std::vector<Rows>>> Database::read(Transaction transaction, Deadline deadline) {
    auto rows = co_await run(std::move(transaction), deadline);
    // Whether the commit of a read arrived makes no difference to anybody.
    if (!rows && rows.error() == Errc::uncertain)
        co_return Errc::unavailable;
    co_return rows;
}

Awaitable<Result<void>> Database::ping(Deadline deadline) {
    const int newest = migrations().back().number;
    Transaction transaction = single(kSchemaNumber, Params().integer(newest));
    const auto rows = co_await read(std::move(transaction), deadline);
    if (!rows) // internal: no table of migrations, so no schema at all
        co_return rows.error() == Errc::internal ? Errc::conflict : rows.error();
    const bool fits = rows->front().integer(0, 0) >= newest && rows->front().boolean(0, 1);
    co_return fits ? Result<void>() : Result<void>(Errc::conflict);
}

void abandon(Database& database) {
    database.abandon();
}

std::shared_ptr<Database> make_database(boost::asio::io_context& shard, PostgresParams params) {
    if (auto wrong = check_url(params.url); !wrong.empty())
        throw std::invalid_argument(wrong);
    return std::make_shared<Database>(shard, std::move(params));
}

} // namespace smsbcast::adapters::postgres
