#include "shown.hpp"

#include <fmt/format.h>

namespace smsbcast::config {
namespace {

bool stands_bare(const Kind& kind) {
    return std::holds_alternative<kind::Integer>(kind) || std::holds_alternative<kind::Ratio>(kind) ||
           std::holds_alternative<kind::Boolean>(kind);
}

} // namespace

std::string printable(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    constexpr std::string_view kBareCharacters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:_/+-[]";
    if (!text.empty() && text.size() <= kLongest && text.find_first_not_of(kBareCharacters) == std::string_view::npos)
        return std::string{text};
    std::string result = "\"";
    for (const char c : text.substr(0, kLongest)) {
        if (c >= ' ' && c < '\x7f')
            result += c;
        else
            result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    return result + (text.size() > kLongest ? "...\"" : "\"");
}

std::string shown_text(const Kind& kind, std::string_view text, const Value& value) {
    if (std::holds_alternative<kind::Integer>(kind))
        return std::to_string(std::get<std::uint64_t>(value));
    if (std::holds_alternative<kind::Ratio>(kind))
        return fmt::format("{}", std::get<double>(value));
    return std::string{text};
}

std::string toml_text(const Kind& kind, std::string_view shown) {
    if (stands_bare(kind))
        return std::string{shown};
    std::string result = "\"";
    for (const char c : shown) {
        if (c == '"' || c == '\\')
            result += '\\';
        result += c;
    }
    return result + '"';
}

} // namespace smsbcast::config
