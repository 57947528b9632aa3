#include "sqlstate.hpp"

namespace smsbcast::adapters::postgres {

Errc errc_of(std::string_view sqlstate) {
    const auto head = sqlstate.substr(0, 2);
    if (head == "40") // serialization failure, deadlock
        return Errc::retry;
    if (sqlstate == "55P03" || sqlstate == "57014") // lock_timeout, statement_timeout
        return Errc::timeout;
    if (head == "08" || head == "53" || head == "57" || head == "58" || sqlstate == "25006" || sqlstate == "25P03")
        return Errc::unavailable; // connection, resources, shutdown, I/O; read-only standby; idle in transaction
    return Errc::internal;
}

} // namespace smsbcast::adapters::postgres
