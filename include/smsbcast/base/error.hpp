#pragma once

#include <boost/system/error_code.hpp>

#include <string>
#include <type_traits>

namespace smsbcast {

/// The kinds of failure, in the terms in which a caller can act. Adapters map native codes
/// (SQLSTATE, AMQP reply codes, errno) to these; the native text stays in the adapter's own log
/// line.
enum class Errc {
    not_found = 1, ///< the id names nothing
    conflict,      ///< the state forbids it (a completed broadcast cannot be paused)
    invalid,       ///< the input can never be accepted
    timeout,       ///< the deadline passed; whether the work was done is not known
    unavailable,   ///< the other side cannot be reached now; nothing was done
    blocked,       ///< the other side is there and takes nothing now (a broker in an alarm); nothing was done
    overloaded,    ///< a bound of our own is reached; nothing was done
    uncertain,     ///< the connection broke while a commit was under way: done or not done, ask again
    retry,         ///< the database gave the transaction up (deadlock, serialization); it may be run again
    stopping,      ///< the process is going down
    refused,       ///< the store does not take what it was given, for what it holds; others are not concerned
    stalled,       ///< something waits, and nothing of it has got through for a while
    forbidden,     ///< the caller has no scope that allows it
    internal,      ///< a bug or a corrupt peer; retrying does not help
};

/// The category of Errc, one per process.
const boost::system::error_category& error_category() noexcept;
boost::system::error_code make_error_code(Errc code) noexcept;

/// True where the same call may succeed later without a change of its arguments.
bool is_retryable(const boost::system::error_code& code) noexcept;

} // namespace smsbcast

template <>
struct boost::system::is_error_code_enum<smsbcast::Errc> : std::true_type {};
