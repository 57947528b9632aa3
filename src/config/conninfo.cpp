#include "conninfo.hpp"

#include <algorithm>

namespace smsbcast::config {
namespace {

constexpr std::string_view kBlanks = " \t\n\r\f\v";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    const auto found = text.find_first_not_of(kBlanks, at);
    return found == std::string_view::npos ? text.size() : found;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// One past the value that begins at `at`; npos when its quote is not closed.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    const bool quoted = at < text.size() && text[at] == '\'';
    for (std::size_t i = quoted ? at + 1 : at; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (quoted && text[i] == '\'')
            return i + 1;
        else if (!quoted && kBlanks.find(text[i]) != std::string_view::npos)
            return i;
    }
    return quoted ? std::string_view::npos : text.size();
}

} // namespace

std::optional<std::vector<ConninfoParameter>> parse_conninfo(std::string_view text) {
    std::vector<ConninfoParameter> parameters;
    for (std::size_t at = skip_blanks(text, 0); at < text.size(); at = skip_blanks(text, at)) {
        const auto name_end = text.find_first_of(" \t\n\r\f\v=", at);
        if (name_end == std::string_view::npos || !is_name(text.substr(at, name_end - at)))
            return std::nullopt;
        const auto equals = skip_blanks(text, name_end);
        if (equals == text.size() || text[equals] != '=')
            return std::nullopt;
        const auto begin = skip_blanks(text, equals + 1);
        const auto end = end_of_value(text, begin);
        if (end == std::string_view::npos)
            return std::nullopt;
        parameters.push_back({text.substr(at, name_end - at), begin, end});
        at = end;
    }
    return parameters;
}

} // namespace smsbcast::config
