#include "smsbcast/config/value.hpp"

#include "address.hpp"
#include "smsbcast/base/overload.hpp"
#include "smsbcast/config/secret.hpp"
#include "units.hpp"
#include "url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace smsbcast::config {
namespace {

using Parsed = std::variant<Value, Refusal>;

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Refusal must_be(std::string_view what, std::string_view accepted, std::string_view such_as = {}) {
    return {fmt::format("{}, must be {}{}{}", what, accepted, such_as.empty() ? "" : ", such as ", such_as)};
}

/// Digits and a unit as one number, at most `max` and at least `min`; `what` says what the text was to be.
Parsed parse_number(std::string_view text, std::span<const Unit> units, std::uint64_t min, std::uint64_t max,
                    const Refusal& malformed, const Refusal& out_of_bounds) {
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
    const auto unit = std::ranges::find(units, text.substr(digits.size()), &Unit::name);
    if (!is_digits(digits) || unit == units.end())
        return malformed;
    std::uint64_t number = 0;
    const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), number).ec;
    if (error != std::errc{} || negative || number > std::numeric_limits<std::uint64_t>::max() / unit->factor)
        return out_of_bounds;
    number *= unit->factor;
    if (number < min || number > max)
        return out_of_bounds;
    return number;
}

Parsed parse_duration(const kind::Duration& duration, std::string_view text) {
    const std::string accepted = accepted_text(duration);
    const auto parsed = parse_number(text, kDurations, static_cast<std::uint64_t>(duration.min.count()),
                                     static_cast<std::uint64_t>(duration.max.count()),
                                     must_be("is not a duration", accepted, "250ms, 5s, 2m or 1h"),
                                     must_be("is out of bounds", accepted));
    if (const auto* refusal = std::get_if<Refusal>(&parsed))
        return *refusal;
    const auto number = std::get<std::uint64_t>(std::get<Value>(parsed));
    return Value{std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(number)}};
}

Parsed parse_ratio(const kind::Ratio& ratio, std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
        return must_be("is not a number", accepted_text(ratio));
    // Written so that "nan", which from_chars accepts, is refused too.
    if (error != std::errc{} || !(number >= 0 && number <= 1))
        return must_be("is out of bounds", accepted_text(ratio));
    return Value{number};
}

Parsed parse_words(const kind::Words& words, std::string_view text) {
    const auto found = std::ranges::find(words.words, text);
    if (found == words.words.end())
        return must_be("is not one of its words", accepted_text(words));
    return Value{Word{static_cast<std::size_t>(found - words.words.begin())}};
}

bool is_schema(std::string_view text) {
    const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto good = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return letter(text.front()) && text.size() <= 50 && std::ranges::all_of(text, good) && !text.starts_with("pg_");
}

Parsed parse_prefix(const kind::Prefix& prefix, std::string_view text) {
    constexpr std::size_t kLongest = 200; // RabbitMQ takes 255 bytes, and each name has an ending of its own
    const auto good = [](char c) {
        return is_digits({&c, 1}) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
               c == '-';
    };
    if (text == "auto")
        return Value{std::string{}};
    if (text.size() > kLongest)
        return must_be("is too long", accepted_text(prefix));
    if (!std::ranges::all_of(text, good))
        return must_be("holds another character", accepted_text(prefix));
    if (text.starts_with("amq."))
        return must_be("begins with amq., which RabbitMQ keeps for itself", accepted_text(prefix), "smsbcast.a");
    return Value{std::string{text}};
}

Parsed parse_secrets(const kind::Secrets& secrets, std::string_view text) {
    if (text == kNoSecret)
        return Value{std::string{}};
    const auto found = split_secrets(Secret{std::string{text}});
    if (found.empty() || found.size() > secrets.most)
        return must_be(found.empty() ? "is empty" : "holds too many", accepted_text(secrets));
    if (std::ranges::any_of(found, [&](const std::string& one) { return one.size() < secrets.min_length; }))
        return must_be("is too short to be a secret", accepted_text(secrets));
    return Value{secrets.most == 1 ? found.front() : std::string{text}};
}

Parsed parse_kind(const Kind& kind, std::string_view text) {
    return std::visit(
        Overload{
            [&](const kind::Address& address) -> Parsed {
                if (auto parsed = parse_address(text))
                    return Value{std::move(*parsed)};
                return must_be("is not an address", accepted_text(address));
            },
            [&](const kind::Url& url) -> Parsed {
                if (auto refusal = refuse_url(url.use, text))
                    return std::move(*refusal);
                return Value{std::string{text}};
            },
            [&](const kind::Duration& duration) { return parse_duration(duration, text); },
            [&](const kind::Integer& integer) {
                const std::string accepted = accepted_text(integer);
                return parse_number(text, kPlain, integer.min, integer.max, must_be("is not a whole number", accepted),
                                    must_be("is out of bounds", accepted));
            },
            [&](const kind::Size& size) {
                const std::string accepted = accepted_text(size);
                return parse_number(text, kSizes, size.min, size.max,
                                    must_be("is not a size", accepted, "64KiB, 32MiB or a number of bytes"),
                                    must_be("is out of bounds", accepted));
            },
            [&](const kind::Boolean& boolean) -> Parsed {
                if (text == "true" || text == "false")
                    return Value{text == "true"};
                return must_be("is neither", accepted_text(boolean));
            },
            [&](const kind::Words& words) { return parse_words(words, text); },
            [&](const kind::Ratio& ratio) { return parse_ratio(ratio, text); },
            [&](const kind::Path&) { return Parsed{Value{std::string{text}}}; },
            [&](const kind::Schema& schema) -> Parsed {
                if (!is_schema(text))
                    return must_be("is no name of a schema", accepted_text(schema), "sms_alerts");
                return Value{std::string{text}};
            },
            [&](const kind::Prefix& prefix) { return parse_prefix(prefix, text); },
            [&](const kind::Secrets& secrets) { return parse_secrets(secrets, text); },
        },
        kind);
}

} // namespace

std::variant<Value, Refusal> parse(const Kind& kind, std::string_view text) {
    if (text.empty())
        return must_be("is empty", accepted_text(kind));
    // They have no meaning in any value, and a newline would break the list of mistakes, the listing and the logs.
    if (std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }))
        return must_be("holds a control character", accepted_text(kind));
    return parse_kind(kind, text);
}

} // namespace smsbcast::config
