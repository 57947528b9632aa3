#include "connecting.hpp"

#include "adoption.hpp"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>

namespace smsbcast::adapters::postgres {

namespace {

// Of a URL that it could read, libpq may name the user and the host, never the password; the first line is enough.
std::string reason_of(PGconn* connection) {
    const std::string_view text = connection ? PQerrorMessage(connection) : "out of memory";
    return std::string(text.substr(0, text.find('\n')));
}

// Plans are made once and must hold for tables of any size (statement.hpp), so they never read a whole table, nor
// gather and sort what an index gives in order: a page of messages ends after its last one.
//
// Set when the connection is there, and not while it is made: a pooler refuses parameters of a start that it does not
// know (PgBouncer's ignore_startup_parameters).
std::string session_settings(const PostgresParams& params) {
    return fmt::format("SET statement_timeout = {}; SET lock_timeout = {}; "
                       "SET idle_in_transaction_session_timeout = 15000; SET jit = off; "
                       "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
                       "SET enable_bitmapscan = off; SET client_encoding = 'UTF8'; "
                       "SET client_connection_check_interval = 1000; SET synchronous_commit = {}; {}",
                       params.statement_timeout.count(), params.lock_timeout.count(),
                       params.synchronous_commit ? "on" : "off", set_search_path(params.schema, params.adopts_tables));
}

// The last of two equal keywords holds, so what stands after `dbname` overrides nothing that the user's URL says.
ConnectionHandle open_connection(const PostgresParams& params) {
    const auto seconds =
        std::max<std::int64_t>(2, std::chrono::ceil<std::chrono::seconds>(params.connect_timeout).count());
    const auto timeout = std::to_string(seconds);
    const char* const keys[] = {"keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "tcp_user_timeout",
                                "connect_timeout",
                                "target_session_attrs",
                                "fallback_application_name",
                                "dbname",
                                nullptr};
    const char* const values[] = {
        "10",   "5", "3", "15000", timeout.c_str(), "read-write", params.application_name.c_str(), params.url.c_str(),
        nullptr};
    return ConnectionHandle(PQconnectdbParams(keys, values, 1));
}

bool await_answer(PGconn* connection, Deadline deadline) {
    while (PQisBusy(connection) != 0) {
        pollfd readable{PQsocket(connection), POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left()).count();
        if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) == 0 || PQconsumeInput(connection) == 0)
            return false;
    }
    return true;
}

// Empty when they are set.
std::string set_up(PGconn* connection, const std::string& settings, Deadline deadline) {
    if (PQsendQuery(connection, settings.c_str()) == 0)
        return reason_of(connection);
    std::string failure;
    for (;;) {
        if (!await_answer(connection, deadline))
            return PQstatus(connection) == CONNECTION_OK ? "it did not answer in time" : reason_of(connection);
        const ResultHandle result(PQgetResult(connection));
        if (!result)
            return failure;
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && failure.empty())
            failure = reason_of(connection);
    }
}

} // namespace

Connected connect_blocking(const PostgresParams& params) {
    auto handle = open_connection(params);
    if (!handle || PQstatus(handle.get()) != CONNECTION_OK)
        return {nullptr, reason_of(handle.get())};
    // libpq would write what the server remarks to stderr, between the lines of the log.
    PQsetNoticeProcessor(
        handle.get(), [](void*, const char*) {}, nullptr);
    auto failure = set_up(handle.get(), session_settings(params), Deadline::after(params.connect_timeout));
    return {std::move(handle), std::move(failure)};
}

} // namespace smsbcast::adapters::postgres
