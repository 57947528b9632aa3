#include "json_scanner.hpp"

#include <charconv>

namespace smsbcast::adapters::rabbitmq {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

} // namespace

// RFC 8259 §2 allows these four characters and no others.
void JsonScanner::skip_space() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \t\r\n"), text_.size()));
}

bool JsonScanner::take(char punctuation) {
    skip_space();
    if (!at(punctuation))
        return false;
    text_.remove_prefix(1);
    return true;
}

bool JsonScanner::at_end() {
    skip_space();
    return text_.empty();
}

std::optional<std::string_view> JsonScanner::string() {
    if (!take('"'))
        return std::nullopt;
    const char* const begin = text_.data();
    while (!text_.empty()) {
        const char c = text_.front();
        text_.remove_prefix(1);
        // The content stays as it is written, escapes included: members and values that matter here
        // are plain words, and copying is spared.
        if (c == '"')
            return std::string_view(begin, static_cast<std::size_t>(text_.data() - 1 - begin));
        // RFC 8259 §7: control characters must be escaped. A body that has one was not written by a
        // JSON writer.
        if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !skip_escape()))
            return std::nullopt;
    }
    return std::nullopt;
}

bool JsonScanner::skip_escape() {
    if (text_.empty())
        return false;
    const char c = text_.front();
    text_.remove_prefix(1);
    // These are the eight two-character escapes of RFC 8259 §7.
    if (c != 'u')
        return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    if (text_.size() < 4 || !(is_hex(text_[0]) && is_hex(text_[1]) && is_hex(text_[2]) && is_hex(text_[3])))
        return false;
    text_.remove_prefix(4);
    return true;
}

std::optional<std::int64_t> JsonScanner::integer() {
    skip_space();
    // The grammar is checked first and the value read second, since from_chars takes texts that
    // JSON does not, such as 007.
    const std::string_view before = text_;
    if (!skip_number())
        return std::nullopt;
    const auto number = before.substr(0, before.size() - text_.size());
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    // A fraction or an exponent stops from_chars early; a number beyond 64 bits is an error.
    // Neither is an attempt.
    if (error != std::errc{} || end != number.data() + number.size())
        return std::nullopt;
    return value;
}

bool JsonScanner::skip_digits() {
    const auto digits = std::min(text_.find_first_not_of("0123456789"), text_.size());
    text_.remove_prefix(digits);
    return digits > 0;
}

bool JsonScanner::skip_number() {
    if (at('-'))
        text_.remove_prefix(1);
    if (at('0'))
        text_.remove_prefix(1);
    else if (!skip_digits())
        return false;
    // A zero must not be followed by digits (RFC 8259 §6).
    if (!text_.empty() && is_digit(text_.front()))
        return false;
    if (at('.')) {
        text_.remove_prefix(1);
        if (!skip_digits())
            return false;
    }
    if (at('e') || at('E')) {
        text_.remove_prefix(1);
        if (at('+') || at('-'))
            text_.remove_prefix(1);
        return skip_digits();
    }
    return true;
}

bool JsonScanner::skip_value(int depth) {
    skip_space();
    // Members that a later version may add are skipped, whatever they hold. The depth bounds the
    // recursion, since a body comes from the network.
    if (text_.empty() || depth < 0)
        return false;
    switch (text_.front()) {
    case '{': return take('{') && skip_members('}', true, depth - 1);
    case '[': return take('[') && skip_members(']', false, depth - 1);
    case '"': return string().has_value();
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    default: return skip_number();
    }
}

bool JsonScanner::skip_members(char close, bool named, int depth) {
    // An empty object or list; behind a comma, by contrast, something must follow.
    if (take(close))
        return true;
    do {
        if (named && !(string() && take(':')))
            return false;
        if (!skip_value(depth))
            return false;
    } while (take(','));
    return take(close);
}

bool JsonScanner::literal(std::string_view word) {
    if (!text_.starts_with(word))
        return false;
    text_.remove_prefix(word.size());
    return true;
}

} // namespace smsbcast::adapters::rabbitmq
