#include "router.hpp"

#include "smsbcast/http/percent.hpp"

#include <optional>

namespace smsbcast::http {

namespace {

std::optional<std::vector<std::string>> segments(std::string_view path) {
    std::vector<std::string> parts;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash
        const auto end = std::min(path.find('/'), path.size());
        auto part = percent_decode(path.substr(0, end));
        if (!part)
            return std::nullopt;
        parts.push_back(std::move(*part));
        path.remove_prefix(end);
    }
    return parts;
}

bool fits(std::string_view pattern, const std::vector<std::string>& parts) {
    for (const auto& part : parts) {
        if (pattern.empty())
            return false;
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        const auto expected = pattern.substr(0, end);
        if (expected == "{}" ? part.empty() : expected != part)
            return false;
        pattern.remove_prefix(end);
    }
    return pattern.empty();
}

// RFC 9110 §9.1: whoever has GET has HEAD. The answer to it is written without its body.
bool takes(const Route& route, std::string_view method) {
    return route.method == method || (route.method == "GET" && method == "HEAD");
}

std::vector<std::string> arguments(std::string_view pattern, std::vector<std::string> parts) {
    std::vector<std::string> taken;
    for (auto& part : parts) {
        pattern.remove_prefix(1);
        const auto end = std::min(pattern.find('/'), pattern.size());
        if (pattern.substr(0, end) == "{}")
            taken.push_back(std::move(part));
        pattern.remove_prefix(end);
    }
    return taken;
}

} // namespace

const Route* Router::literal(std::string_view method, std::string_view path) const {
    for (const auto& route : routes_)
        if (route.path == path && takes(route, method))
            return &route;
    return nullptr;
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
    Match match;
    // What is called most has no argument and needs no allocation.
    if (const auto* route = literal(method, path)) {
        match.outcome = Outcome::found;
        match.route = route;
        return match;
    }
    if (path.empty() || path.front() != '/') {
        match.outcome = path == "*" ? Outcome::not_found : Outcome::malformed;
        return match;
    }
    auto parts = segments(path);
    if (!parts) {
        match.outcome = Outcome::malformed;
        return match;
    }
    for (const auto& route : routes_) {
        if (!fits(route.path, *parts))
            continue;
        if (takes(route, method)) {
            match.outcome = Outcome::found;
            match.route = &route;
            match.arguments = arguments(route.path, std::move(*parts));
            return match;
        }
        match.outcome = Outcome::wrong_method;
        match.allow.append(match.allow.empty() ? "" : ", ").append(route.method == "GET" ? "GET, HEAD" : route.method);
    }
    return match;
}

} // namespace smsbcast::http
