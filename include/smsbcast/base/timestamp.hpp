#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast {

/// UTC wall time in microseconds, the resolution of PostgreSQL's timestamptz.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 in UTC with milliseconds: `2026-11-23T18:04:05.123Z`.
std::string to_rfc3339(Timestamp time);

/// Takes what to_rfc3339() writes, with 0 to 6 digits of a second's fraction. Nothing else.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

} // namespace smsbcast
