#include "smsbcast/config/load.hpp"

#include <fmt/format.h>

namespace smsbcast::config {
namespace {

bool stands_bare(const Kind& kind) {
    return std::holds_alternative<kind::Integer>(kind) || std::holds_alternative<kind::Ratio>(kind) ||
           std::holds_alternative<kind::Boolean>(kind);
}

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += '\\';
        result += c;
    }
    return result + '"';
}

} // namespace

std::string to_string(const Origin& origin) {
    switch (origin.source) {
    case Source::defaults: return "default";
    case Source::file: return "file " + origin.name;
    case Source::environment: return "environment " + origin.name;
    case Source::flag: return "flag " + origin.name;
    }
    return "?";
}

std::string effective_text(const LoadResult& result, const LoadResult& of_all) {
    const auto unused = result.given("database.data") ? "database.url" : "database.data";
    std::string text;
    for (std::size_t i = 0; i < result.origins.size(); ++i) {
        const Origin& origin = result.origins[i];
        const std::string& in_all = of_all.origins[i].shown;
        text += fmt::format("{}{} = {}  # from {}", origin.key->path == unused ? "#" : "", origin.key->path,
                            stands_bare(origin.key->kind) ? origin.shown : in_quotes(origin.shown), to_string(origin));
        text += in_all == origin.shown ? "\n" : fmt::format("; in `all` {}\n", in_all);
    }
    return text;
}

} // namespace smsbcast::config
