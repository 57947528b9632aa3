#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::postgres {

/// The deadline of one call. While it lives, the timer's expiry ends every wait on the socket.
class Connection::Watch {
public:
    Watch(Connection& connection, Deadline deadline) : connection_(connection) {
        connection_.timed_out_ = false;
        connection_.timer_.expires_at(deadline.at());
        // An expiry that is already queued when the timer is cancelled still runs. The number tells
        // it from the present call's, and the weak pointer from a connection that is gone.
        connection_.timer_.async_wait([weak = connection_.weak_from_this(), id = ++connection_.watch_](auto error) {
            const auto self = weak.lock();
            if (error || !self || self->watch_ != id)
                return;
            self->timed_out_ = true;
            self->socket_.cancel();
        });
    }
    ~Watch() {
        // The number moves on first, so an expiry that was queued before the cancel finds itself
        // outdated and does not cut the next call.
        ++connection_.watch_;
        connection_.timer_.cancel();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

private:
    Connection& connection_;
};

/// An error that libpq made up itself, because the connection ended or its input was not
/// understood. Every error of the server has an SQLSTATE; libpq's own have none, so what the server
/// did is unknown.
inline bool is_local(const PGresult* failure) {
    return PQresultStatus(failure) != PGRES_PIPELINE_ABORTED && !PQresultErrorField(failure, PG_DIAG_SQLSTATE);
}

inline bool is_failure(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_PIPELINE_ABORTED;
}

} // namespace smsbcast::adapters::postgres
