#include "smsbcast/domain/message_text.hpp"

#include "smsbcast/base/utf8.hpp"

#include <algorithm>

namespace smsbcast {

namespace {

// Only ASCII blanks make a text empty: a text of other blanks is odd, but somebody has typed it.
bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

} // namespace

// Code points are counted and not bytes, so that a limit means the same in every script.
std::optional<std::size_t> count_utf8(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const auto length = first_letter(text).size;
        if (length == 0)
            return std::nullopt;
        text.remove_prefix(length);
        ++count;
    }
    return count;
}

std::string clean_text(std::string_view text, std::size_t most) {
    std::string clean;
    clean.reserve(std::min(text.size(), most));
    while (!text.empty() && clean.size() < most) {
        const auto length = text.front() != '\0' ? first_letter(text).size : 0;
        // A letter that does not fit whole is left out: half of it would be what this is here to
        // remove.
        if (length > 0 && clean.size() + length > most)
            break;
        // PostgreSQL refuses a NUL and an invalid byte in a text (22021), and with it the whole
        // batch.
        clean += length > 0 ? text.substr(0, length) : "?";
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

std::string_view code(TextError error) {
    switch (error) {
    case TextError::empty: return "empty";
    case TextError::not_utf8: return "not_utf8";
    case TextError::has_nul: return "has_nul";
    case TextError::too_long: return "too_long";
    }
    return "invalid";
}

std::optional<TextError> check_message_text(std::string_view text, std::size_t most) {
    const auto count = count_utf8(text);
    if (!count)
        return TextError::not_utf8;
    // A NUL is valid UTF-8, so it has to be looked for separately.
    if (text.find('\0') != std::string_view::npos)
        return TextError::has_nul;
    if (std::all_of(text.begin(), text.end(), is_blank))
        return TextError::empty;
    if (*count > most)
        return TextError::too_long;
    return std::nullopt;
}

} // namespace smsbcast
