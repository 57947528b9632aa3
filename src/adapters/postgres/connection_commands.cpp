#include "connection_watch.hpp"

// This file holds what pipeline mode cannot do: COPY, several statements in one text, waiting for
// notifications.

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;
using WaitType = boost::asio::posix::stream_descriptor::wait_type;

// Results are read to the end of the command, also after an error: libpq takes no new command
// before that. The first error counts, since those behind it only follow from it. A result with
// rows is kept where it is asked for.
Awaitable<std::optional<Errc>> Connection::drain(std::string_view name, ResultHandle* rows) {
    std::optional<Errc> error;
    for (;;) {
        auto result = co_await next_result();
        if (broken_ || (result && is_failure(result.get()) && is_local(result.get())))
            co_return lost(name, true);
        if (!result)
            break;
        if (is_failure(result.get()) && !error)
            error = failed(name, result.get());
        // The server now waits for rows, and PQgetResult would return this same result again and
        // again.
        if (PQresultStatus(result.get()) == PGRES_COPY_IN)
            break;
        if (rows && PQresultStatus(result.get()) == PGRES_TUPLES_OK)
            *rows = std::move(result);
    }
    if (PQstatus(handle_.get()) != CONNECTION_OK)
        co_return lost(name, true);
    co_return error;
}

Awaitable<Result<void>> Connection::execute(std::string_view name, const char* sql, Deadline deadline) {
    const Watch watch(*this, deadline);
    // libpq could not even queue the text, so the server has not seen it.
    if (PQsendQuery(handle_.get(), sql) == 0)
        co_return lost(name, false);
    const bool flushed = co_await flush();
    if (!flushed)
        co_return lost(name, false);
    const auto error = co_await drain(name);
    if (error)
        co_return *error;
    co_return Result<void>();
}

Awaitable<Result<Rows>> Connection::ask(std::string_view name, const char* sql, Deadline deadline) {
    const Watch watch(*this, deadline);
    // The extended protocol is the one that can return binary values; the simple one always answers
    // in text.
    constexpr int kBinary = 1;
    if (PQsendQueryParams(handle_.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, kBinary) == 0)
        co_return lost(name, false);
    const bool flushed = co_await flush();
    if (!flushed)
        co_return lost(name, false);
    ResultHandle rows;
    const auto error = co_await drain(name, &rows);
    if (error)
        co_return *error;
    co_return Rows(std::move(rows));
}

Awaitable<Result<void>> Connection::copy_in(std::string_view name, const char* sql,
                                            std::function<bool(std::string&)> fill, Deadline deadline) {
    const Watch watch(*this, deadline);
    if (PQsendQuery(handle_.get(), sql) == 0)
        co_return lost(name, false);
    bool flushed = co_await flush();
    if (!flushed)
        co_return lost(name, false);
    auto error = co_await drain(name);
    // The server refused COPY before any row was sent (a missing table or right); it is out of copy
    // mode already.
    if (error)
        co_return *error;
    std::string buffer;
    for (bool more = true; more;) {
        buffer.clear();
        more = fill(buffer);
        // In non-blocking mode, 0 says that libpq could not enlarge its buffer. It was flushed
        // before this piece, so there is nothing to wait for, and 0 is as fatal as -1.
        const int queued = PQputCopyData(handle_.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (queued <= 0)
            co_return lost(name, false);
        // Waiting here bounds memory: libpq buffers what the socket does not take, up to the whole
        // broadcast.
        flushed = co_await flush();
        if (!flushed)
            co_return lost(name, false);
    }
    // Only now does the server check and answer. An error that it met in an early row arrives here
    // as well, since it reads a failed COPY to its end.
    if (PQputCopyEnd(handle_.get(), nullptr) <= 0)
        co_return lost(name, false);
    flushed = co_await flush();
    if (!flushed)
        co_return lost(name, false);
    error = co_await drain(name);
    if (error)
        co_return *error;
    co_return Result<void>();
}

Awaitable<Result<bool>> Connection::wait_notify(Deadline deadline) {
    const Watch watch(*this, deadline);
    for (;;) {
        // Notifications come without a request, so nothing but reading shows them. The first look
        // needs no wait: they may lie in the buffer since the LISTEN or the wait before.
        if (PQconsumeInput(handle_.get()) == 0 || PQstatus(handle_.get()) != CONNECTION_OK)
            co_return lost("listen", false);
        bool notified = false;
        // All of them are taken at once: several commits wake the relay once, which then claims
        // whatever is due.
        while (PGnotify* const note = PQnotifies(handle_.get())) {
            PQfreemem(note);
            notified = true;
        }
        if (notified)
            co_return true;
        const bool readable = co_await wait(WaitType::wait_read);
        if (!readable)
            co_return false;
    }
}

} // namespace smsbcast::adapters::postgres
