#include "smsbcast/base/timestamp.hpp"

#include <fmt/format.h>

#include <charconv>

namespace smsbcast {

namespace chrono = std::chrono;

Timestamp wall_clock() {
    return chrono::floor<Timestamp::duration>(chrono::system_clock::now());
}

// Cut to milliseconds and never rounded: a rounded time could lie in the future of the event.
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
    // from_chars takes a sign and stops at the first letter; RFC 3339 has neither within a number.
    if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-')
        return std::nullopt;
    return value;
}

// The text is `hour` and `minute` with a colon in between. RFC 3339 has no hour 24.
std::optional<chrono::minutes> hours_and_minutes(std::string_view text) {
    const auto hour = digits(text.substr(0, 2)), minute = digits(text.substr(3, 2));
    if (text[2] != ':' || !hour || !minute || *hour > 23 || *minute > 59)
        return std::nullopt;
    return chrono::hours(*hour) + chrono::minutes(*minute);
}

// How long the offset at the text's end is, "Z" or "+07:00"; 0 when the text ends in neither. Times
// without an offset are refused, since they leave open which time is meant. The caller has made
// sure of at least 20 characters.
std::size_t offset_size(std::string_view text) {
    if (text.back() == 'Z' || text.back() == 'z')
        return 1;
    const char sign = text[text.size() - 6];
    return sign == '+' || sign == '-' ? 6 : 0;
}

std::optional<chrono::minutes> offset(std::string_view text) {
    if (text.size() == 1)
        return chrono::minutes(0);
    const auto length = hours_and_minutes(text.substr(1));
    // -00:00 says that the local offset is unknown (RFC 3339 §4.3); the time itself is UTC all the
    // same.
    return length && text.front() == '-' ? -*length : length;
}

// It gives the microseconds of ".123", and 0 for nothing. Digits beyond the sixth are checked and
// dropped.
std::optional<int> fraction(std::string_view text) {
    constexpr std::size_t kCounted = 6;
    if (text.empty())
        return 0;
    const auto all = text.substr(1);
    if (text.front() != '.' || all.empty() || all.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    auto value = digits(all.substr(0, kCounted));
    for (auto n = all.size(); value && n < kCounted; ++n)
        *value *= 10;
    return value;
}

std::optional<chrono::sys_days> day(std::string_view text) {
    const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)), day = digits(text.substr(8, 2));
    if (text[4] != '-' || text[7] != '-' || !year || !month || !day)
        return std::nullopt;
    const chrono::year_month_day date(chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                      chrono::day(static_cast<unsigned>(*day)));
    return date.ok() ? std::optional(chrono::sys_days(date)) : std::nullopt;
}

} // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    constexpr std::size_t kFraction = 19;
    if (text.size() <= kFraction || (text[10] != 'T' && text[10] != 't') || text[16] != ':')
        return std::nullopt;
    const auto tail = offset_size(text);
    if (tail == 0 || text.size() < kFraction + tail)
        return std::nullopt;
    const auto date = day(text);
    const auto clock = hours_and_minutes(text.substr(11, 5)), ahead = offset(text.substr(text.size() - tail));
    const auto second = digits(text.substr(17, 2)),
               micros = fraction(text.substr(kFraction, text.size() - tail - kFraction));
    if (!date || !clock || !ahead || !second || *second > 59 || !micros)
        return std::nullopt;
    // A local time that is ahead of UTC lies that much later on the clock, hence the minus.
    return *date + *clock - *ahead + chrono::seconds(*second) + chrono::microseconds(*micros);
}

} // namespace smsbcast
