#include "retry_after.hpp"

#include "smsbcast/domain/foreign_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace smsbcast::adapters::http_provider {

namespace {

namespace chrono = std::chrono;
using chrono::milliseconds;

// A longer wait is a mistake or a way to say never. A day is as long as anybody would leave a lane
// alone.
constexpr milliseconds kLongest = chrono::hours(24);

// RFC 9110 §5.6.7 knows GMT alone; the others are what common libraries print for the same zone.
constexpr std::array<std::string_view, 6> kZones{"GMT", "UTC", "UT", "Z", "+0000", "-0000"};

/// Reads a text from its front, part by part; once a part does not fit, nothing does any more.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    static bool same(std::string_view a, std::string_view b) {
        const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
        return std::ranges::equal(a, b, {}, lower, lower);
    }

    bool literal(std::string_view expected) {
        ok_ = ok_ && same(rest_.substr(0, expected.size()), expected);
        rest_.remove_prefix(ok_ ? expected.size() : 0);
        return ok_;
    }

    int number(std::size_t digits, char padding = '0') {
        int value = 0;
        auto part = rest_.substr(0, digits);
        // asctime pads the day with a blank: `Nov 6`.
        if (padding == ' ' && part.starts_with(' '))
            part.remove_prefix(1);
        const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), value);
        // from_chars would take a minus sign, which is no part of a date.
        ok_ = ok_ && rest_.size() >= digits && ec == std::errc{} && end == part.data() + part.size() && value >= 0;
        rest_.remove_prefix(ok_ ? digits : 0);
        return value;
    }

    int word(const auto& words) {
        const auto found = std::ranges::find_if(
            words, [&](std::string_view word) { return same(rest_.substr(0, word.size()), word); });
        ok_ = ok_ && found != words.end();
        if (ok_)
            rest_.remove_prefix(found->size());
        return static_cast<int>(found - words.begin());
    }

    /// Dates of HTTP are in GMT, which many libraries call by another name.
    void zone() {
        const auto found = std::ranges::find_if(
            kZones, [&](std::string_view name) { return rest_.starts_with(' ') && same(rest_.substr(1), name); });
        ok_ = ok_ && found != kZones.end();
        rest_ = {};
    }

    bool at_end() const { return ok_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};

struct Date {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<chrono::sys_seconds> instant(const Date& date) {
    const chrono::year_month_day day{chrono::year(date.year), chrono::month(static_cast<unsigned>(date.month + 1)),
                                     chrono::day(static_cast<unsigned>(date.day))};
    // RFC 9110 allows the second 60 for a leap second, and sys_seconds counts on from there.
    if (!day.ok() || date.hour > 23 || date.minute > 59 || date.second > 60)
        return std::nullopt;
    return chrono::sys_days(day) + chrono::hours(date.hour) + chrono::minutes(date.minute) +
           chrono::seconds(date.second);
}

void read_clock(Reader& in, Date& date) {
    date.hour = in.number(2);
    in.literal(":");
    date.minute = in.number(2);
    in.literal(":");
    date.second = in.number(2);
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
std::optional<Date> read_imf(std::string_view text) {
    Reader in(text);
    Date date;
    in.word(kDays);
    in.literal(", ");
    date.day = in.number(2);
    in.literal(" ");
    date.month = in.word(kMonths);
    in.literal(" ");
    date.year = in.number(4);
    in.literal(" ");
    read_clock(in, date);
    in.zone();
    return in.at_end() ? std::optional(date) : std::nullopt;
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
std::optional<Date> read_rfc850(std::string_view text, chrono::system_clock::time_point now) {
    Reader in(text);
    Date date;
    in.word(kLongDays);
    in.literal(", ");
    date.day = in.number(2);
    in.literal("-");
    date.month = in.word(kMonths);
    in.literal("-");
    date.year = in.number(2);
    in.literal(" ");
    read_clock(in, date);
    in.zone();
    if (!in.at_end())
        return std::nullopt;
    // Two digits mean the year that is not more than 50 years ahead.
    const int present = static_cast<int>(chrono::year_month_day(chrono::floor<chrono::days>(now)).year());
    date.year += present / 100 * 100;
    if (date.year > present + 50)
        date.year -= 100;
    return date;
}

/// `1994-11-06T08:49:37Z`: none of HTTP's forms, but one that is sent.
std::optional<Date> read_iso(std::string_view text) {
    Reader in(text);
    Date date;
    date.year = in.number(4);
    in.literal("-");
    date.month = in.number(2) - 1;
    in.literal("-");
    date.day = in.number(2);
    in.literal("T");
    read_clock(in, date);
    in.literal("Z");
    return in.at_end() ? std::optional(date) : std::nullopt;
}

/// `Sun Nov  6 08:49:37 1994`
std::optional<Date> read_asctime(std::string_view text) {
    Reader in(text);
    Date date;
    in.word(kDays);
    in.literal(" ");
    date.month = in.word(kMonths);
    in.literal(" ");
    date.day = in.number(2, ' ');
    in.literal(" ");
    read_clock(in, date);
    in.literal(" ");
    date.year = in.number(4);
    return in.at_end() ? std::optional(date) : std::nullopt;
}

/// `120`, and `1.5`, which some libraries send.
std::optional<milliseconds> read_seconds(std::string_view text) {
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto part = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    const auto is_digits = [](std::string_view digits) {
        return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (whole.empty() || !is_digits(whole) || !is_digits(part))
        return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
    const auto most = chrono::duration_cast<chrono::seconds>(kLongest).count();
    // A number that does not fit is a long wait, not an unreadable one.
    if (ec != std::errc{} || seconds >= most)
        return kLongest;
    std::int64_t thousandths = 0;
    for (std::size_t n = 0; n < 3; ++n)
        thousandths = thousandths * 10 + (n < part.size() ? part[n] - '0' : 0);
    // Rounding up keeps us from coming back a fraction too early, which some limiters answer with a
    // longer wait.
    const bool has_more = part.find_first_not_of('0', 3) != std::string_view::npos;
    return chrono::seconds(seconds) + milliseconds(thousandths + (has_more ? 1 : 0));
}

} // namespace

std::optional<milliseconds> parse_retry_after(std::string_view text, chrono::system_clock::time_point now) {
    text = without_margins(text);
    if (text.empty())
        return std::nullopt;
    // Seconds are by far the most frequent form, and no date consists of digits alone.
    if (const auto seconds = read_seconds(text))
        return seconds;
    auto date = read_imf(text);
    if (!date)
        date = read_rfc850(text, now);
    if (!date)
        date = read_asctime(text);
    if (!date)
        date = read_iso(text);
    const auto at = date ? instant(*date) : std::nullopt;
    if (!at)
        return std::nullopt;
    // In seconds first: the clock's own unit cannot express every date.
    const auto left = *at - chrono::floor<chrono::seconds>(now);
    if (left <= chrono::seconds(0) || left >= kLongest)
        return left >= kLongest ? kLongest : milliseconds(0);
    // Both clocks may differ. A wait that is too short only leads to another 429, which costs the
    // message nothing.
    return chrono::ceil<milliseconds>(*at - now);
}

} // namespace smsbcast::adapters::http_provider
