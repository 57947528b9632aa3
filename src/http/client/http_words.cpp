#include "http_words.hpp"

#include <algorithm>
#include <charconv>

namespace smsbcast::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

// RFC 9110 §5.6.3: optional white space is blanks and tabs.
std::string_view without_blanks(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    // RFC 9112 §2.2 lets a reader take a lone LF for a line end.
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

std::string_view take_element(std::string_view& list) {
    const auto end = list.find(',');
    const auto element = without_blanks(list.substr(0, end));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    return element;
}

std::optional<std::uint64_t> parse_chunk_size(std::string_view line) {
    // Extensions behind the semicolon are ignored (RFC 9112 §7.1.1).
    const auto digits = without_blanks(line.substr(0, line.find(';')));
    std::uint64_t size = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    // A CR within the line is read as a line end by some proxies and not by others, which is how
    // one answer is smuggled behind another.
    if (ec != std::errc{} || end != digits.data() + digits.size() || line.find('\r') != std::string_view::npos)
        return std::nullopt;
    return size;
}

} // namespace smsbcast::http
