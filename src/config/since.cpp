#include "smsbcast/config/since.hpp"

#include "smsbcast/config/value.hpp"

namespace smsbcast::config {

using namespace std::chrono_literals;

std::variant<Timestamp, std::string> read_since(std::string_view text, Timestamp now) {
    const auto ago = parse(kind::Duration{1ms, 24h * 366}, text);
    if (const auto* value = std::get_if<Value>(&ago))
        return now - std::get<std::chrono::milliseconds>(*value);
    const auto time = parse_rfc3339(text);
    if (!time)
        return "is no time: give the one when the backup was taken, such as 2026-11-27T08:00:00Z, or how long ago that "
               "was, such as 2h";
    if (*time > now)
        return "is in the future: give the time when the backup was taken";
    return *time;
}

} // namespace smsbcast::config
