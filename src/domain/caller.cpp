#include "smsbcast/domain/caller.hpp"

#include <algorithm>

namespace smsbcast {

std::string_view to_string(Scope scope) {
    switch (scope) {
    case Scope::broadcasts_write: return "broadcasts:write";
    case Scope::broadcasts_read: return "broadcasts:read";
    case Scope::suppressions_write: return "suppressions:write";
    case Scope::admin: return "admin";
    }
    return {};
}

std::optional<Scope> parse_scope(std::string_view text) {
    for (const auto scope : kScopes)
        if (to_string(scope) == text)
            return scope;
    return std::nullopt;
}

std::string to_string(const Scopes& scopes) {
    std::string text;
    for (const auto scope : kScopes)
        if (scopes.contains(scope))
            text.append(text.empty() ? "" : " ").append(to_string(scope));
    return text;
}

std::optional<Scopes> parse_scopes(std::string_view text) {
    constexpr std::string_view kBetween = ", ";
    Scopes scopes;
    while (!text.empty()) {
        const auto name = text.substr(0, text.find_first_of(kBetween));
        const auto scope = parse_scope(name);
        if (!scope && !name.empty())
            return std::nullopt;
        if (scope)
            scopes.add(*scope);
        text.remove_prefix(std::min(text.size(), name.size() + 1));
    }
    return scopes;
}

bool is_tenant(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

Caller Caller::anyone() {
    Caller caller{"anyone", std::string(kDefaultTenant), {}};
    for (const auto scope : kScopes)
        caller.scopes.add(scope);
    return caller;
}

} // namespace smsbcast
