#include "smsbcast/domain/message_text.hpp"

#include <algorithm>
#include <cstdint>

namespace smsbcast {

namespace {

// Length of the well-formed sequence at the head of `text`, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text) {
    const auto at = [&](std::size_t n) { return n < text.size() ? static_cast<std::uint8_t>(text[n]) : 0; };
    const auto in = [](std::uint8_t byte, std::uint8_t low, std::uint8_t high) { return byte >= low && byte <= high; };
    const auto tail = [&](std::size_t n) { return in(at(n), 0x80, 0xBF); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80)
        return 1;
    if (in(lead, 0xC2, 0xDF))
        return tail(1) ? 2 : 0;
    if (in(lead, 0xE0, 0xEF)) {
        const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
        return in(at(1), low, high) && tail(2) ? 3 : 0;
    }
    if (in(lead, 0xF0, 0xF4)) {
        const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
        return in(at(1), low, high) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

} // namespace

std::optional<std::size_t> count_utf8(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const auto length = sequence_length(text);
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
        const auto length = text.front() != '\0' ? sequence_length(text) : 0;
        if (length > 0 && clean.size() + length > most)
            break;
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
    if (text.find('\0') != std::string_view::npos)
        return TextError::has_nul;
    if (std::all_of(text.begin(), text.end(), is_blank))
        return TextError::empty;
    if (*count > most)
        return TextError::too_long;
    return std::nullopt;
}

} // namespace smsbcast
