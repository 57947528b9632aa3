#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast {

/// UTC wall time in microseconds, the resolution of PostgreSQL's timestamptz.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// The present time of day. It is not monotonic: for waiting there is Deadline.
Timestamp wall_clock();

/// RFC 3339 in UTC with milliseconds: `2026-11-23T18:04:05.123Z`.
std::string to_rfc3339(Timestamp time);

/// Takes a time as RFC 3339 has it: with `Z` or an offset from UTC, and any number of digits of a second's fraction, of
/// which the first 6 count. No leap second.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

} // namespace smsbcast
