#pragma once

#include "connection.hpp"

namespace smsbcast::adapters::postgres {

/// The deadline of one call: while it lives, the timer's expiry ends every wait on the socket.
class Connection::Watch {
public:
    Watch(Connection& connection, Deadline deadline) : connection_(connection) {
        connection_.timed_out_ = false;
        connection_.timer_.expires_at(deadline.at());
        connection_.timer_.async_wait([weak = connection_.weak_from_this(), id = ++connection_.watch_](auto error) {
            const auto self = weak.lock();
            if (error || !self || self->watch_ != id)
                return;
            self->timed_out_ = true;
            self->socket_.cancel();
        });
    }
    ~Watch() {
        ++connection_.watch_;
        connection_.timer_.cancel();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

private:
    Connection& connection_;
};

/// An error that libpq made up itself, because the connection went or what came was not understood.
inline bool is_local(const PGresult* failure) {
    return PQresultStatus(failure) != PGRES_PIPELINE_ABORTED && !PQresultErrorField(failure, PG_DIAG_SQLSTATE);
}

inline bool is_failure(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_PIPELINE_ABORTED;
}

} // namespace smsbcast::adapters::postgres
