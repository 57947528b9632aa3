#include "smsbcast/base/trace_context.hpp"

#include <algorithm>
#include <span>

namespace smsbcast {

namespace {

// 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kParentIdAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kLength = 55;
constexpr std::uint8_t kSampled = 0x01;

// Upper case is not valid, unlike in nearly every other use of such digits.
int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool read(std::string_view digits, std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = digit(digits[2 * i]), low = digit(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

bool is_zero(std::span<const std::uint8_t> bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

} // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (text.size() < kLength || text[kTraceIdAt - 1] != '-' || text[kParentIdAt - 1] != '-' ||
        text[kFlagsAt - 1] != '-')
        return std::nullopt;
    TraceContext trace;
    std::array<std::uint8_t, 1> version{}, flags{};
    if (!read(text, version) || !read(text.substr(kTraceIdAt), trace.trace_id) ||
        !read(text.substr(kParentIdAt), trace.parent_id) || !read(text.substr(kFlagsAt), flags))
        return std::nullopt;
    const bool ends = text.size() == kLength || (version[0] > 0 && text[kLength] == '-');
    if (!ends || version[0] == 0xff || is_zero(trace.trace_id) || is_zero(trace.parent_id))
        return std::nullopt;
    trace.sampled = (flags[0] & kSampled) != 0;
    return trace;
}

} // namespace smsbcast
