#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace smsbcast::adapters::http_provider {

/// The wait that a Retry-After header asks for (RFC 9110 §10.2.3): seconds, or a date in any of the three forms that
/// RFC 9110 §5.6.7 knows; read as well are what libraries make of them: a fraction, blanks around, `UTC` or `+0000` for
/// `GMT`, letters in either case, and ISO 8601 in UTC. A date that has passed is no
/// wait; nothing is longer than a day. Nothing when it is none of them, a negative number included.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::chrono::system_clock::time_point now);

} // namespace smsbcast::adapters::http_provider
