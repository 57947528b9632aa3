#pragma once

#include "rows.hpp"
#include "statement.hpp"

#include "smsbcast/base/deadline.hpp"
#include "smsbcast/base/result.hpp"
#include "smsbcast/runtime/asio.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::adapters::postgres {

struct FinishConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

/// An established connection, driven without blocking. One transaction or COPY at a time. After an error that leaves
/// the protocol's position in doubt it is broken and must be thrown away. Belongs to one shard; made by make_shared.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(runtime::asio::io_context& shard, ConnectionHandle handle);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// One Rows per query, in order. Errors: unavailable, retry, internal: nothing was done. uncertain: the connection
    /// went after everything had been sent, so the commit may have happened. timeout: the server's own limit, then
    /// nothing was done; or the deadline, then it may have been and the connection is broken.
    runtime::Awaitable<Result<std::vector<Rows>>> run(const Transaction& transaction, Deadline deadline);

    /// A command without parameters or rows, several statements allowed. The text must live until it returns.
    runtime::Awaitable<Result<void>> execute(std::string_view name, const char* sql, Deadline deadline);

    /// One statement without parameters, not kept prepared. The text must live until it returns.
    runtime::Awaitable<Result<Rows>> ask(std::string_view name, const char* sql, Deadline deadline);

    /// The server process that the start-up packet announced. A pooler in between announces another
    /// one.
    int announced_pid() const { return PQbackendPID(handle_.get()); }

    /// COPY … FROM STDIN (FORMAT binary). `fill` appends rows to the buffer until it is large enough, and returns false
    /// when there are no more.
    runtime::Awaitable<Result<void>> copy_in(std::string_view name, const char* sql,
                                             std::function<bool(std::string&)> fill, Deadline deadline);

    /// Waits for a NOTIFY. False at the deadline. Errors: unavailable.
    runtime::Awaitable<Result<bool>> wait_notify(Deadline deadline);

    bool broken() const { return broken_ || read_only_; }

    /// Nothing is under way, and no transaction is open.
    bool idle() const { return PQtransactionStatus(handle_.get()) == PQTRANS_IDLE; }

    /// Ends what is under way as if the server had gone.
    void cut();

    /// For a connection that lay idle: false when it should not be used again.
    bool still_alive();

private:
    /// What a transaction was sent as: each of these is answered by one result.
    struct Step {
        const Query* query;
        bool prepares;
    };
    class Watch;

    std::optional<std::vector<Step>> send_transaction(const Transaction& transaction);
    runtime::Awaitable<Result<std::vector<Rows>>> read_results(const std::vector<Step>& steps);
    runtime::Awaitable<bool> flush();
    runtime::Awaitable<bool> wait(boost::asio::posix::stream_descriptor::wait_type type);
    runtime::Awaitable<ResultHandle> next_result();
    runtime::Awaitable<std::optional<Errc>> drain(std::string_view name, ResultHandle* rows = nullptr);
    Errc failed(std::string_view what, const PGresult* result);
    Errc lost(std::string_view what, bool all_sent);

    ConnectionHandle handle_;
    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer timer_;
    std::uint64_t watch_ = 0; ///< distinguishes a late expiry of the timer from the present one
    bool timed_out_ = false;
    bool broken_ = false;
    bool read_only_ = false; ///< of no use any more, though it works
    std::set<const Statement*> prepared_;
};

} // namespace smsbcast::adapters::postgres
