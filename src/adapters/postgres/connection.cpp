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
constexpr std::string_view kReadOnly = "25006";

using Either = std::tuple<std::array<std::size_t, 2>, boost::system::error_code, boost::system::error_code>;

// Not a coroutine: the group and its operations must not be temporaries of one (g++ 12).
Awaitable<Either> wait_either(boost::asio::posix::stream_descriptor& socket) {
    namespace experimental = boost::asio::experimental;
    return experimental::make_parallel_group(socket.async_wait(WaitType::wait_read, boost::asio::deferred),
                                             socket.async_wait(WaitType::wait_write, boost::asio::deferred))
        .async_wait(experimental::wait_for_one(), boost::asio::use_awaitable);
}

} // namespace

Connection::Connection(runtime::asio::io_context& shard, ConnectionHandle handle)
    : handle_(std::move(handle)), socket_(shard), timer_(shard) {
    PQsetnonblocking(handle_.get(), 1);
    socket_.assign(PQsocket(handle_.get()));
}

void Connection::cut() {
    ::shutdown(PQsocket(handle_.get()), SHUT_RDWR);
}

Connection::~Connection() {
    socket_.release(); // PQfinish closes it; Asio must not
}

// An idle connection has nothing to tell but that it ends, whose text may be here before the end itself.
bool Connection::still_alive() {
    pollfd readable{PQsocket(handle_.get()), POLLIN, 0};
    if (::poll(&readable, 1, 0) > 0)
        broken_ = true;
    return !broken_;
}

Awaitable<bool> Connection::wait(WaitType type) {
    if (timed_out_)
        co_return false;
    const auto [error] = co_await socket_.async_wait(type, use_result);
    co_return !error && !timed_out_;
}

// libpq's manual, 34.4: where a flush cannot finish, what has come is read before it goes on, or both ends may stand
// with full buffers.
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

// Null: no further result of this command, or the connection is gone (broken_).
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

Errc Connection::failed(std::string_view what, const PGresult* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string_view sqlstate = state ? state : "";
    const auto code = errc_of(sqlstate);
    read_only_ = read_only_ || sqlstate == kReadOnly;
    const char* text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    // The primary text names objects and constraints; values stand in the detail, which is left out.
    log::write(code == Errc::retry ? log::Level::debug : log::Level::warn, "sql_failed",
               {{"statement", what}, {"sqlstate", sqlstate}, {"reason", text ? text : ""}});
    return code;
}

Errc Connection::lost(std::string_view what, bool all_sent) {
    broken_ = true;
    log::warn("database_connection_lost", {{"statement", what}, {"timed_out", timed_out_}});
    if (timed_out_)
        return Errc::timeout;
    return all_sent ? Errc::uncertain : Errc::unavailable;
}

} // namespace smsbcast::adapters::postgres
