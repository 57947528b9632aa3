#include "connecting.hpp"

#include "adoption.hpp"

#include <fmt/format.h>

#include <poll.h>

#include <algorithm>

namespace smsbcast::adapters::postgres {

namespace {

// libpq's text may name the user and the host of a URL that it could read, but never the password,
// so its first line may be logged. Further lines repeat the attempt for each address.
std::string reason_of(PGconn* connection) {
    const std::string_view text = connection ? PQerrorMessage(connection) : "out of memory";
    return std::string(text.substr(0, text.find('\n')));
}

// Each setting guards against a fault. statement_timeout and lock_timeout end what a deadline of
// ours has long given up. idle_in_transaction_session_timeout ends a transaction whose client
// vanished between two statements, so that its locks do not outlive it by more than 15 s.
// client_connection_check_interval makes the server notice a client that died during a long
// statement. Without `jit = off` the first run of a statement could be compiled for longer than it
// takes.
//
// Plans are made once and must hold for tables of any size (statement.hpp). So the planner is kept
// from reading a whole table, and from gathering and sorting rows that an index gives in order: a
// page of messages ends after its last one.
//
// The settings are sent when the connection is there and not in its start-up packet, since a pooler
// refuses start-up parameters that it does not know (PgBouncer's ignore_startup_parameters).
std::string session_settings(const PostgresParams& params) {
    return fmt::format("SET statement_timeout = {}; SET lock_timeout = {}; "
                       "SET idle_in_transaction_session_timeout = 15000; SET jit = off; "
                       "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
                       "SET enable_bitmapscan = off; SET client_encoding = 'UTF8'; "
                       "SET client_connection_check_interval = 1000; SET synchronous_commit = {}; {}",
                       params.statement_timeout.count(), params.lock_timeout.count(),
                       params.synchronous_commit ? "on" : "off", set_search_path(params.schema, params.adopts_tables));
}

// libpq lets the last of two equal keywords hold, and expands the URL at the place of `dbname`.
// What stands before it are therefore defaults, which the user's URL may override.
//
// The keepalive values find a peer that vanished without a FIN after 10 + 3 * 5 s; tcp_user_timeout
// (15 s) does the same where data of ours are unacknowledged, which keepalive does not cover.
// target_session_attrs = read-write makes libpq pass over a standby when the URL names several
// hosts.
ConnectionHandle open_connection(const PostgresParams& params) {
    // libpq takes whole seconds and treats 1 as 2 (PostgreSQL 15, 34.1.2), so anything lower would
    // not mean what it says.
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
    // Without this loop PQgetResult would block for as long as the server says nothing, also beyond
    // the deadline.
    while (PQisBusy(connection) != 0) {
        pollfd readable{PQsocket(connection), POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left()).count();
        if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) == 0 || PQconsumeInput(connection) == 0)
            return false;
    }
    return true;
}

// The answer is the reason of the failure, and empty when the settings hold.
std::string set_up(PGconn* connection, const std::string& settings, Deadline deadline) {
    if (PQsendQuery(connection, settings.c_str()) == 0)
        return reason_of(connection);
    std::string failure;
    for (;;) {
        if (!await_answer(connection, deadline))
            return PQstatus(connection) == CONNECTION_OK ? "it did not answer in time" : reason_of(connection);
        const ResultHandle result(PQgetResult(connection));
        // PQgetResult must be called until it returns null; otherwise libpq refuses the next
        // command as "already in progress".
        if (!result)
            return failure;
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && failure.empty())
            failure = reason_of(connection);
    }
}

} // namespace

// This runs on the pool's own thread (Database::connector_), never on a shard: a name server that
// does not answer blocks it for seconds.
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
