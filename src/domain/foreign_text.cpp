#include "smsbcast/domain/foreign_text.hpp"

#include "smsbcast/domain/message_text.hpp"

#include "smsbcast/base/utf8.hpp"

#include <algorithm>
#include <array>

namespace smsbcast {

namespace {

// Fewer digits are rather a code or an amount, which a user needs to read.
constexpr std::size_t kFewestDigitsOfANumber = 7;
constexpr std::size_t kDigitsShown = 3;
constexpr std::size_t kMaxBetweenDigits = 3; // as in `(081) - 2345678`

struct Range {
    char32_t first, last;
};

bool is_in(char32_t letter, const auto& ranges) {
    return std::ranges::any_of(ranges,
                               [&](const Range& range) { return letter >= range.first && letter <= range.last; });
}

// These letters have no shape of their own: joiners, marks of direction, variation selectors, tags
// (Unicode 15, general category Cf and relatives). Among them are those that turn the direction of
// writing, by which a text could be made to show something else than it says.
bool is_formatting(char32_t letter) {
    static constexpr auto kRanges = std::to_array<Range>({{0xAD, 0xAD},
                                                          {0x34F, 0x34F},
                                                          {0x61C, 0x61C},
                                                          {0x180E, 0x180E},
                                                          {0x200B, 0x200F},
                                                          {0x202A, 0x202E},
                                                          {0x2060, 0x206F},
                                                          {0xFE00, 0xFE0F},
                                                          {0xFEFF, 0xFEFF},
                                                          {0xFFF9, 0xFFFB},
                                                          {0xE0000, 0xE01EF}});
    // The comparison before the search spares it for ASCII, of which most texts consist.
    return letter >= 0xAD && is_in(letter, kRanges);
}

bool is_wide_blank(char32_t letter) {
    static constexpr auto kRanges = std::to_array<Range>(
        {{0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}});
    return letter >= 0xA0 && is_in(letter, kRanges);
}

bool is_invisible(char32_t letter) {
    return is_formatting(letter) || is_wide_blank(letter);
}

bool is_control(char32_t letter) {
    return letter < 0x20 || (letter >= 0x7F && letter < 0xA0) || letter == 0x2028 || letter == 0x2029;
}

// A NUL is kept, since it marks a text that is none, and the caller must see that.
bool is_margin(char32_t letter) {
    return letter == ' ' || (is_control(letter) && letter != 0) || is_invisible(letter);
}

std::string_view without(std::string_view text, bool (*unwanted)(char32_t)) {
    while (!text.empty()) {
        const auto letter = first_letter(text);
        if (letter.size == 0 || !unwanted(letter.value))
            break;
        text.remove_prefix(letter.size);
    }
    for (auto at = text.size(); at > 0;) {
        --at;
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) // within a letter
            continue;
        const auto letter = first_letter(text.substr(at));
        if (letter.size != text.size() - at || !unwanted(letter.value))
            break;
        text = text.substr(0, at);
    }
    return text;
}

// The result is one line: whatever a provider sends, it cannot break a log line, a table or a
// terminal.
std::string as_line(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const auto letter = first_letter(text);
        if (letter.size == 0)
            line += '?';
        else if (is_control(letter.value) || is_wide_blank(letter.value))
            line += ' ';
        else if (!is_formatting(letter.value))
            line += text.substr(0, letter.size);
        text.remove_prefix(std::max<std::size_t>(letter.size, 1));
    }
    return line;
}

// These are the digits of the scripts in whose countries telephone numbers are written with them.
bool is_digit(char32_t letter) {
    static constexpr auto kRanges = std::to_array<Range>({{0x660, 0x669},
                                                          {0x6F0, 0x6F9},
                                                          {0x966, 0x96F},
                                                          {0x9E6, 0x9EF},
                                                          {0xE50, 0xE59},
                                                          {0x1040, 0x1049},
                                                          {0x17E0, 0x17E9},
                                                          {0xFF10, 0xFF19}});
    return (letter >= '0' && letter <= '9') || (letter >= 0x660 && is_in(letter, kRanges));
}

bool stands_between_digits(char32_t letter) {
    return (letter < 0x80 && std::string_view(" -.()/_").find(static_cast<char>(letter)) != std::string_view::npos) ||
           (letter >= 0x2010 && letter <= 0x2015) || letter == 0x2212;
}

struct Number {
    std::size_t size = 0; // in bytes, up to the last digit
    std::size_t digits = 0;
    std::size_t shown = 0; // where the last digits begin that may be shown
};

// `text` begins with a digit. Separators count as part of a number only while a further digit
// follows soon.
Number number_at(std::string_view text) {
    Number number;
    std::array<std::size_t, kDigitsShown> last{};
    std::size_t between = 0;
    for (std::size_t at = 0; at < text.size() && between <= kMaxBetweenDigits;) {
        const auto letter = first_letter(text.substr(at));
        if (is_digit(letter.value)) {
            // A ring of the last three places: where it ends shows where the visible digits begin,
            // without knowing the length before.
            last[number.digits++ % kDigitsShown] = at;
            number.size = at + letter.size;
            between = 0;
        } else if (stands_between_digits(letter.value)) {
            ++between;
        } else {
            break;
        }
        at += letter.size;
    }
    number.shown = last[number.digits % kDigitsShown];
    return number;
}

std::string without_numbers(std::string_view line) {
    std::string text;
    while (!line.empty()) {
        const auto letter = first_letter(line);
        auto size = letter.size;
        if (is_digit(letter.value)) {
            const auto number = number_at(line);
            size = number.size;
            // A provider's sentence often repeats the recipient. What is stored and logged of it
            // shows the last three digits, by which a person can still find the message.
            if (number.digits >= kFewestDigitsOfANumber)
                text.append("•••").append(line.substr(number.shown, number.size - number.shown));
            else
                text += line.substr(0, size);
        } else {
            text += line.substr(0, size);
        }
        line.remove_prefix(size);
    }
    return text;
}

} // namespace

std::string_view without_invisible(std::string_view text) {
    return without(text, is_invisible);
}

bool has_invisible(std::string_view text) {
    while (!text.empty()) {
        const auto letter = first_letter(text);
        if (letter.size > 0 && is_invisible(letter.value))
            return true;
        text.remove_prefix(std::max<std::size_t>(letter.size, 1));
    }
    return false;
}

std::string_view without_margins(std::string_view text) {
    return without(text, is_margin);
}

std::string presentable(std::string_view text, std::size_t most) {
    // The text is cut for the sake of time before it is masked, but far behind what is shown: a
    // number that begins within the shown part is seen whole, and so is masked.
    const auto line = without_numbers(as_line(without_margins(text).substr(0, 4 * most + 256)));
    return std::string(without_margins(clean_text(line, most)));
}

} // namespace smsbcast
