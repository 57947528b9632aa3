#pragma once

#include "smsbcast/config/address.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::config {

/// What the text of a key must look like. All bounds are inclusive.
namespace kind {

struct Address {}; ///< `:8080`, `host:8080`, `[::1]:8080`

struct Url {
    enum class For { database, broker, provider, webhook };
    For use;
};

struct Duration { ///< `250ms`, `5s`, `2m`, `1h`
    std::chrono::milliseconds min, max;
};

struct Integer {
    std::uint64_t min, max;
    std::string_view unit; ///< plural, as in "4 connections"; empty where a number is just that
};

struct Size { ///< `64KiB`, `32MiB`, `1GiB` or plain bytes
    std::uint64_t min, max;
};

struct Boolean {};

struct Words {
    std::span<const std::string_view> words; ///< in the order of the enum's values
};

struct Ratio {}; ///< 0 to 1

struct Path {}; ///< of a file

struct Schema {}; ///< of PostgreSQL, in a form that needs no quotes

struct Prefix {}; ///< of names in the broker; `auto` leaves it to the program

struct Secrets { ///< with commas between them
    std::size_t min_length, most;
};

} // namespace kind

using Kind = std::variant<kind::Address, kind::Url, kind::Duration, kind::Integer, kind::Size, kind::Boolean,
                          kind::Words, kind::Ratio, kind::Path, kind::Schema, kind::Prefix, kind::Secrets>;

/// The text of a Secrets key that has none.
inline constexpr std::string_view kNoSecret = "none";

/// Which of a Kind's words it was.
struct Word {
    std::size_t index;

    bool operator==(const Word&) const = default;
};

/// Url, Path and Schema: the text; Prefix and Secrets: the text, empty for `auto` and `none`; Integer and Size: the
/// number; the others: the type that says it.
using Value = std::variant<std::string, Address, std::chrono::milliseconds, std::uint64_t, bool, Word, double>;

/// Why a text is refused and what would be right, to be read after the text: `is out of bounds, must be 1 to 64`. The
/// text itself is not in it.
struct Refusal {
    std::string why;
};

/// Strict: the whole text counts, without blanks around it, and what does not fit into the type is out of bounds.
std::variant<Value, Refusal> parse(const Kind& kind, std::string_view text);

/// What parse() accepts, in words: `1 to 64`, `100ms to 1m`, `debug, info, warn or error`, `true or false`.
std::string accepted_text(const Kind& kind);

/// `connections`, `bytes`, …; empty where the text itself carries its unit or has none.
std::string_view unit_text(const Kind& kind) noexcept;

/// The placeholder of the kind in help texts, such as `DURATION`.
std::string_view placeholder(const Kind& kind) noexcept;

/// `250ms`, `5s`, `2m`, `1h`: in the largest unit that needs no fraction.
std::string to_string(std::chrono::milliseconds duration);

} // namespace smsbcast::config
