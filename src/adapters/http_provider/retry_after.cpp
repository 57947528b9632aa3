#include "retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace smsbcast::adapters::http_provider {

namespace {

namespace chrono = std::chrono;
using chrono::milliseconds;

constexpr milliseconds kLongest = chrono::hours(24);

/// Reads a text from its front, part by part; once a part does not fit, nothing does any more.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool literal(std::string_view expected) {
        ok_ = ok_ && rest_.starts_with(expected);
        rest_.remove_prefix(ok_ ? expected.size() : 0);
        return ok_;
    }

    int number(std::size_t digits, char padding = '0') {
        int value = 0;
        auto part = rest_.substr(0, digits);
        if (padding == ' ' && part.starts_with(' '))
            part.remove_prefix(1);
        const auto [end, ec] = std::from_chars(part.data(), part.data() + part.size(), value);
        ok_ = ok_ && rest_.size() >= digits && ec == std::errc{} && end == part.data() + part.size() && value >= 0;
        rest_.remove_prefix(ok_ ? digits : 0);
        return value;
    }

    int word(const auto& words) {
        const auto found = std::ranges::find_if(words, [&](std::string_view word) { return rest_.starts_with(word); });
        ok_ = ok_ && found != words.end();
        if (ok_)
            rest_.remove_prefix(found->size());
        return static_cast<int>(found - words.begin());
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
    in.literal(" GMT");
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
    in.literal(" GMT");
    if (!in.at_end())
        return std::nullopt;
    // Two digits mean the year that is not more than 50 years ahead.
    const int present = static_cast<int>(chrono::year_month_day(chrono::floor<chrono::days>(now)).year());
    date.year += present / 100 * 100;
    if (date.year > present + 50)
        date.year -= 100;
    return date;
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

std::optional<milliseconds> read_seconds(std::string_view text) {
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    std::int64_t seconds = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const auto most = chrono::duration_cast<chrono::seconds>(kLongest).count();
    return chrono::seconds(ec == std::errc{} ? std::min<std::int64_t>(seconds, most) : most);
}

} // namespace

std::optional<milliseconds> parse_retry_after(std::string_view text, chrono::system_clock::time_point now) {
    if (const auto seconds = read_seconds(text))
        return seconds;
    auto date = read_imf(text);
    if (!date)
        date = read_rfc850(text, now);
    if (!date)
        date = read_asctime(text);
    const auto at = date ? instant(*date) : std::nullopt;
    if (!at)
        return std::nullopt;
    // In seconds first: the clock's own unit cannot express every date.
    const auto left = *at - chrono::floor<chrono::seconds>(now);
    if (left <= chrono::seconds(0) || left >= kLongest)
        return left >= kLongest ? kLongest : milliseconds(0);
    return chrono::ceil<milliseconds>(*at - now);
}

} // namespace smsbcast::adapters::http_provider
