#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace smsbcast {

/// Which distributed trace a piece of work belongs to, and which span of the caller it is a child of: the value of a
/// `traceparent` field (W3C Trace Context, §3.2).
struct TraceContext {
    std::array<std::uint8_t, 16> trace_id{}; ///< never all zeros
    std::array<std::uint8_t, 8> parent_id{}; ///< likewise
    bool sampled = false;                    ///< the caller may have recorded its part

    friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

/// Reads one `traceparent` value without the white space around it. Nothing unless it is valid: lower-case hexadecimal
/// digits, ids that are not all zeros, no version `ff`, and exactly 55 characters in version `00`. Of later versions
/// the part that is known is read, and what follows after a further dash is not looked at.
std::optional<TraceContext> parse_traceparent(std::string_view text);

} // namespace smsbcast
