#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace smsbcast {

enum class TextError {
    empty,    ///< nothing, or white space only
    not_utf8, ///< a byte sequence that RFC 3629 does not allow
    has_nul,  ///< U+0000, which neither a phone nor PostgreSQL can hold
    too_long, ///< more characters than the limit
};

std::string_view code(TextError error);

/// Nothing when `text` can be sent as an SMS. `most` counts Unicode code points.
std::optional<TextError> check_message_text(std::string_view text, std::size_t most);

/// Number of code points, or nothing when `text` is not UTF-8 (RFC 3629: no surrogates, nothing overlong).
std::optional<std::size_t> count_utf8(std::string_view text);

/// Text from outside that every store takes: what is not UTF-8 and every NUL becomes '?', and it ends after `most`
/// bytes at a character's border. One stray byte from a provider must not fail a batch of five hundred others.
std::string clean_text(std::string_view text, std::size_t most = 500);

} // namespace smsbcast
