#include "smsbcast/http/unrouted_log.hpp"

#include "smsbcast/http/percent.hpp"

#include "smsbcast/base/log.hpp"

#include <algorithm>

namespace smsbcast::http {

namespace {

constexpr std::ptrdiff_t kShortestNumber = 7;
constexpr std::size_t kMaxMethod = 20;
constexpr std::size_t kMaxPath = 120;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

std::string loggable(std::string_view text, std::size_t most) {
    std::string shown = percent_decode(text).value_or(std::string(text));
    // The decoded text, since an encoded question mark may stand before a query that was encoded as a whole.
    shown.resize(std::min(shown.find('?'), shown.size()));
    const bool may_hold_number = std::ranges::count_if(shown, is_digit) >= kShortestNumber;
    for (char& c : shown) {
        if (c < ' ' || c > '~')
            c = '?';
        else if (may_hold_number && is_digit(c))
            c = '#';
    }
    if (shown.size() > most)
        shown.replace(most, std::string::npos, "...");
    return shown;
}

void UnroutedLog::note(const Request& request, int status) {
    if (!sample_.take())
        return;
    log::warn("request_unrouted", {{"method", loggable(request.method, kMaxMethod)},
                                   {"path", loggable(request.path, kMaxPath)},
                                   {"status", status},
                                   {"seen_so_far", sample_.seen()}});
}

} // namespace smsbcast::http
