#include "smsbcast/base/timestamp.hpp"

#include <fmt/format.h>

#include <charconv>

namespace smsbcast {

namespace chrono = std::chrono;

std::string to_rfc3339(Timestamp time) {
    const auto day = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss clock(chrono::floor<chrono::milliseconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

namespace {

std::optional<int> digits(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-')
        return std::nullopt;
    return value;
}

// Microseconds of ".123" or of nothing.
std::optional<int> fraction(std::string_view text) {
    if (text.empty())
        return 0;
    if (text.front() != '.' || text.size() < 2 || text.size() > 7)
        return std::nullopt;
    auto value = digits(text.substr(1));
    for (auto n = text.size(); value && n < 7; ++n)
        *value *= 10;
    return value;
}

} // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
        text.back() != 'Z')
        return std::nullopt;
    const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
    const auto hour = digits(text.substr(11, 2)), minute = digits(text.substr(14, 2)),
               second = digits(text.substr(17, 2)), micros = fraction(text.substr(19, text.size() - 20));
    if (!year || !month || !day || !hour || !minute || !second || !micros || *hour > 23 || *minute > 59 || *second > 59)
        return std::nullopt;
    const chrono::year_month_day date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                      chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok())
        return std::nullopt;
    return chrono::sys_days(date) + chrono::hours(*hour) + chrono::minutes(*minute) + chrono::seconds(*second) +
           chrono::microseconds(*micros);
}

} // namespace smsbcast
