#include "sqlstate.hpp"

namespace smsbcast::adapters::postgres {

// A caller acts on the answer, so a wrong one is costly in both directions: `refused` makes it
// split a batch row by row, `unavailable` makes it wait, `internal` makes it give up.
Errc errc_of(std::string_view sqlstate) {
    const auto head = sqlstate.substr(0, 2);
    if (head == "40") // serialization failure, deadlock
        return Errc::retry;
    if (sqlstate == "55P03" || sqlstate == "57014") // lock_timeout, statement_timeout
        return Errc::timeout;
    if (head == "08" || head == "53" || head == "57" || head == "58" || sqlstate == "25006" || sqlstate == "25P03")
        return Errc::unavailable; // connection, resources, shutdown, I/O; read-only standby; idle in transaction
    // These classes are about the statement, rights, the schema, the state of the session or the
    // server, whatever the rows hold: splitting a batch would fail on each of its halves.
    for (const std::string_view other :
         {"", "0A", "0B", "25", "26", "28", "2B", "2D", "34", "3B", "3D", "3F", "42", "55", "F0"})
        if (head == other)
            return Errc::internal;
    // Damaged data (XX001, XX002) are some rows' matter, other internal errors are not. What is
    // left are values, constraints, limits (such as the size of an index entry) and whatever a
    // trigger raises.
    if (head == "XX" && sqlstate != "XX001" && sqlstate != "XX002")
        return Errc::internal;
    return Errc::refused;
}

} // namespace smsbcast::adapters::postgres
