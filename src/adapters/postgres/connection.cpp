#include "connection.hpp"

#include "sqlstate.hpp"

#include "smsbcast/base/log.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <tuple>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;
using runtime::use_result;
using WaitType = boost::asio::posix::stream_descriptor::wait_type;

namespace {

// read_only_sql_transaction: the server became a standby.
// The server was demoted behind a connection that goes on working. Every write would fail from now
// on, so the connection is dropped, and the next one is made with target_session_attrs=read-write.
constexpr std::string_view kReadOnly = "25006";

using Either = std::tuple<std::array<std::size_t, 2>, boost::system::error_code, boost::system::error_code>;

// This is a plain function on purpose: the group and its operations must not be temporaries of a
// coroutine's co_await, which g++ 12 mishandles.
Awaitable<Either> wait_either(boost::asio::posix::stream_descriptor& socket) {
    namespace experimental = boost::asio::experimental;
    return experimental::make_parallel_group(socket.async_wait(WaitType::wait_read, boost::asio::deferred),
                                             socket.async_wait(WaitType::wait_write, boost::asio::deferred))
        .async_wait(experimental::wait_for_one(), boost::asio::use_awaitable);
}

} // namespace

Connection::Connection(runtime::asio::io_context& shard, ConnectionHandle handle)
    : handle_(std::move(handle)), socket_(shard), timer_(shard) {
    // From here on libpq never blocks in a send. What the socket does not take stays in its buffer
    // for flush().
    PQsetnonblocking(handle_.get(), 1);
    socket_.assign(PQsocket(handle_.get()));
}

// shutdown() instead of close(): the descriptor stays libpq's, so its number cannot be given to
// another file while an operation still waits on it, and those waits end with an end of file.
void Connection::cut() {
    ::shutdown(PQsocket(handle_.get()), SHUT_RDWR);
}

Connection::~Connection() {
    socket_.release(); // PQfinish closes it; Asio must not
}

// An idle connection has nothing to say but that it ends (or a parameter change, which is rare
// enough to be treated alike). Readable input therefore condemns it. Reading it would not do: the
// server's last words may be here before the end of file is.
bool Connection::still_alive() {
    pollfd readable{PQsocket(handle_.get()), POLLIN, 0};
    if (::poll(&readable, 1, 0) > 0)
        broken_ = true;
    return !broken_;
}

Awaitable<bool> Connection::wait(WaitType type) {
    // The timer may have fired between two waits of one call, when there was no operation that it
    // could cancel.
    if (timed_out_)
        co_return false;
    const auto [error] = co_await socket_.async_wait(type, use_result);
    co_return !error && !timed_out_;
}

// PostgreSQL 15, 34.4: where a flush cannot finish, input is read before it goes on. Otherwise the
// server may stop reading because nobody takes its answers, and both ends stand with full buffers
// for ever.
Awaitable<bool> Connection::flush() {
    for (;;) {
        const int state = PQflush(handle_.get());
        if (state <= 0 || timed_out_)
            co_return state == 0;
        const auto [order, no_read, no_write] = co_await wait_either(socket_);
        if (timed_out_ || (no_read && no_write))
            co_return false;
        if (!no_read && PQconsumeInput(handle_.get()) == 0)
            co_return false;
    }
}

// A null result means that this command has no further one, or that the connection is gone (then
// broken_ is set).
Awaitable<ResultHandle> Connection::next_result() {
    while (PQisBusy(handle_.get()) != 0) {
        const bool readable = co_await wait(WaitType::wait_read);
        if (!readable || PQconsumeInput(handle_.get()) == 0) {
            broken_ = true;
            co_return nullptr;
        }
    }
    co_return ResultHandle(PQgetResult(handle_.get()));
}

// The server answered with an error, so what became of the statement is certain.
Errc Connection::failed(std::string_view what, const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string_view sqlstate = state ? state : "";
    const auto code = errc_of(sqlstate);
    read_only_ = read_only_ || sqlstate == kReadOnly;
    const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    // The primary text names objects and constraints; values stand in the detail, which is left out.
    // A deadlock or a serialization failure is part of normal work with several replicas and is run
    // again, so it is no warning.
    log::write(code == Errc::retry ? log::Level::debug : log::Level::warn, "sql_failed",
               {{"statement", what}, {"sqlstate", sqlstate}, {"reason", text ? text : ""}});
    return code;
}

// The connection is of no use any more, and what the caller learns depends on how far the request
// got: a commit can only have happened once every byte of it was handed to the kernel.
Errc Connection::lost(std::string_view what, bool all_sent) {
    broken_ = true;
    log::warn("database_connection_lost", {{"statement", what}, {"timed_out", timed_out_}});
    if (timed_out_)
        return Errc::timeout;
    return all_sent ? Errc::uncertain : Errc::unavailable;
}

} // namespace smsbcast::adapters::postgres
