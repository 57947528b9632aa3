#include "smsbcast/domain/phone_number.hpp"

#include "smsbcast/domain/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>

namespace smsbcast {

namespace {

// ITU-T E.164 sets the upper bound of 15 digits and no lower one; the shortest numbers in use have
// seven.
constexpr std::size_t kFewestDigits = 7;
constexpr std::size_t kMaxDigits = 15;

// clang-format off
constexpr auto kCallingCodes = std::to_array<std::uint16_t>({
    // World zones 1 and 7
    1, 7,
    // Africa
    20, 211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236,
    237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 260,
    261, 262, 263, 264, 265, 266, 267, 268, 269, 27, 290, 291, 297, 298, 299,
    // Europe
    30, 31, 32, 33, 34, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 36, 370, 371, 372, 373, 374, 375, 376, 377,
    378, 379, 380, 381, 382, 383, 385, 386, 387, 389, 39, 40, 41, 420, 421, 423, 43, 44, 45, 46, 47, 48, 49,
    // Latin America
    500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 51, 52, 53, 54, 55, 56, 57, 58, 590, 591, 592, 593, 594, 595, 596,
    597, 598, 599,
    // South-East Asia and Oceania
    60, 61, 62, 63, 64, 65, 66, 670, 672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688,
    689, 690, 691, 692,
    // East Asia, and codes that belong to no country (freephone, satellites, international networks)
    800, 808, 81, 82, 84, 850, 852, 853, 855, 856, 86, 870, 878, 880, 881, 882, 883, 886, 888,
    // West, South and Central Asia, the Middle East
    90, 91, 92, 93, 94, 95, 960, 961, 962, 963, 964, 965, 966, 967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979,
    98, 992, 993, 994, 995, 996, 998,
});
// clang-format on

// A bit per code of up to three digits: a list of millions of recipients is checked at the cost of
// a look per number.
const std::bitset<1000>& assigned() {
    static const std::bitset<1000> table = [] {
        std::bitset<1000> codes;
        for (const auto code : kCallingCodes)
            codes.set(code);
        return codes;
    }();
    return table;
}

} // namespace

std::string_view code(PhoneError error) {
    switch (error) {
    case PhoneError::empty: return "empty";
    case PhoneError::missing_plus: return "missing_plus";
    case PhoneError::not_a_digit: return "not_a_digit";
    case PhoneError::invisible_character: return "invisible_character";
    case PhoneError::too_short: return "too_short";
    case PhoneError::too_long: return "too_long";
    case PhoneError::unknown_country_code: return "unknown_country_code";
    }
    return "invalid";
}

std::string_view message(PhoneError error) {
    switch (error) {
    case PhoneError::empty: return "is empty; must be a number such as +66812345678";
    case PhoneError::missing_plus: return "must begin with + and the country calling code, such as +66812345678";
    case PhoneError::not_a_digit: return "must have only digits after the +, without spaces or dashes";
    case PhoneError::invisible_character:
        return "has an invisible character between its digits (a zero-width or no-break space, a mark of direction)";
    case PhoneError::too_short: return "is too short; must have 7 to 15 digits after the +";
    case PhoneError::too_long: return "is too long; must have 7 to 15 digits after the +";
    case PhoneError::unknown_country_code: return "begins with no assigned country calling code";
    }
    return "is not a number in E.164 format";
}

// No assigned code is the beginning of another one, so the first that fits is the only one.
bool begins_with_calling_code(std::string_view digits) {
    std::size_t value = 0;
    for (std::size_t n = 0; n < 3 && n < digits.size(); ++n) {
        value = value * 10 + static_cast<std::size_t>(digits[n] - '0');
        if (value != 0 && assigned().test(value))
            return true;
    }
    return false;
}

std::variant<PhoneNumber, PhoneError> PhoneNumber::parse_plain(std::string_view text) {
    if (text.empty())
        return PhoneError::empty;
    if (text.front() != '+')
        return PhoneError::missing_plus;
    const auto digits = text.substr(1);
    std::uint64_t value = 0;
    for (std::size_t n = 0; n < digits.size(); ++n) {
        if (digits[n] < '0' || digits[n] > '9')
            return PhoneError::not_a_digit;
        // Further digits would overflow; the length is judged below.
        if (n < kMaxDigits)
            value = value * 10 + static_cast<std::uint64_t>(digits[n] - '0');
    }
    if (digits.size() < kFewestDigits)
        return PhoneError::too_short;
    if (digits.size() > kMaxDigits)
        return PhoneError::too_long;
    // A leading zero is the sign of a national number behind a plus that somebody added.
    if (digits.front() == '0' || !begins_with_calling_code(digits))
        return PhoneError::unknown_country_code;
    return PhoneNumber(value);
}

std::variant<PhoneNumber, PhoneError> PhoneNumber::parse(std::string_view text) {
    const auto parsed = parse_plain(text);
    const auto* error = std::get_if<PhoneError>(&parsed);
    if (!error || (*error != PhoneError::missing_plus && *error != PhoneError::not_a_digit))
        return parsed;
    // Invisible letters come along when a number is copied. Whoever wrote it cannot see them, so
    // they do no harm at the ends and are named when they stand within.
    const auto seen = without_invisible(text);
    const auto again = parse_plain(seen);
    error = std::get_if<PhoneError>(&again);
    if (error && *error == PhoneError::not_a_digit && has_invisible(seen))
        return PhoneError::invisible_character;
    return again;
}

std::string PhoneNumber::text() const {
    return fmt::format("+{}", digits_);
}

std::string PhoneNumber::masked() const {
    constexpr std::size_t kShown = 3;
    constexpr std::size_t kFewestHidden = 4;
    const auto digits = fmt::format("{}", digits_);
    if (digits.size() < kFewestDigits)
        return "+•••";
    // At least four digits stay hidden. A short number shows fewer of its last ones, since three at
    // each end would leave nearly nothing to guess.
    const auto shown_last = std::min(kShown, digits.size() - kShown - kFewestHidden);
    std::string masked = "+" + digits.substr(0, kShown);
    for (auto hidden = digits.size() - kShown - shown_last; hidden > 0; --hidden)
        masked += "•";
    return masked + digits.substr(digits.size() - shown_last);
}

} // namespace smsbcast
