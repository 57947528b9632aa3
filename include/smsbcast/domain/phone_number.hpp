#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast {

/// Why a text is no number in the international format of ITU-T E.164.
enum class PhoneError {
    empty,
    missing_plus,         ///< does not begin with '+'
    not_a_digit,          ///< something else than digits after the '+': a space, a dash, a letter
    invisible_character,  ///< the same, though it looks right
    too_short,            ///< fewer than 7 digits
    too_long,             ///< more than 15 digits
    unknown_country_code, ///< no country or network has this calling code
};

/// A stable word for programs (`unknown_country_code`) and a sentence for people that says what would be right.
std::string_view code(PhoneError error);
std::string_view message(PhoneError error);

/// A telephone number in E.164: '+', 7 to 15 digits, an assigned country calling code. The shortest in use are those of
/// Niue and Tokelau, four digits after the calling code. 8 bytes.
class PhoneNumber {
public:
    /// Invisible letters around a number do no harm.
    static std::variant<PhoneNumber, PhoneError> parse(std::string_view text);

    /// Brings back what digits() gave once. It is not checked again, so it is for stored numbers
    /// only.
    static PhoneNumber from_digits(std::uint64_t digits) { return PhoneNumber(digits); }

    /// The number without its '+'. No calling code begins with 0, so nothing is lost.
    std::uint64_t digits() const { return digits_; }

    /// `+66812345678`
    std::string text() const;

    /// `+668•••••678`: the only form that may be logged. At least four digits are hidden.
    std::string masked() const;

    friend auto operator<=>(const PhoneNumber&, const PhoneNumber&) = default;

private:
    static std::variant<PhoneNumber, PhoneError> parse_plain(std::string_view text);

    explicit PhoneNumber(std::uint64_t digits) : digits_(digits) {}
    std::uint64_t digits_;
};

/// True for an assigned calling code of one, two or three digits at the head of `digits` (ITU-T E.164 list of assigned
/// country codes; codes of global networks included).
bool begins_with_calling_code(std::string_view digits);

} // namespace smsbcast
