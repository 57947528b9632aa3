#include "url.hpp"

#include "address.hpp"
#include "conninfo.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

namespace smsbcast::config {
namespace {

using For = kind::Url::For;

constexpr std::string_view kEmbedded = "sqlite:";

struct UrlRule {
    For use;
    std::array<std::string_view, 2> schemes;
    std::string_view not_yet; ///< a scheme that people will try, and that deserves a clear answer
    std::string_view accepted;
};

constexpr std::array<UrlRule, 4> kUrlRules{{
    {For::database,
     {"postgres", "postgresql"},
     "",
     "a postgres:// or postgresql:// URL, libpq's host=... dbname=..., or sqlite:PATH"},
    {For::broker, {"amqp", ""}, "amqps", "an amqp:// URL"},
    {For::provider, {"http", ""}, "https", "an http:// URL"},
    {For::webhook, {"http", "https"}, "", "an http:// or https:// URL"},
}};

const UrlRule& rule_for(For use) {
    return *std::ranges::find(kUrlRules, use, &UrlRule::use);
}

Refusal refusal(const UrlRule& rule, std::string_view what) {
    return {std::string{what} + ", must be " + std::string{rule.accepted}};
}

bool has_host(std::string_view host_and_port) {
    // A bare host is what an address is without its port.
    const auto with_port = parse_address(host_and_port);
    if (with_port)
        return !with_port->host.empty() && with_port->port != 0;
    const auto bare = parse_address(std::string{host_and_port} + ":1");
    return bare && !bare->host.empty();
}

bool percent_is_sound(std::string_view text) {
    const auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
        if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2]))
            return false;
    return true;
}

std::optional<Refusal> refuse_conninfo(const UrlRule& rule, std::string_view text) {
    const auto parameters = parse_conninfo(text);
    if (!parameters || parameters->empty())
        return refusal(rule, "is not a URL");
    return std::nullopt;
}

} // namespace

bool is_embedded(std::string_view database_url) {
    return database_url.starts_with(kEmbedded);
}

std::string_view embedded_path(std::string_view database_url) {
    return database_url.substr(kEmbedded.size());
}

std::optional<UrlParts> split_url(std::string_view text) {
    const auto colon = text.find("://");
    const auto in_scheme = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+'; };
    if (colon == 0 || colon == std::string_view::npos || !std::ranges::all_of(text.substr(0, colon), in_scheme))
        return std::nullopt;
    UrlParts parts{text.substr(0, colon), std::nullopt, text.substr(colon + 3), {}};
    if (const auto end = parts.host.find_first_of("/?#"); end != std::string_view::npos) {
        parts.rest = parts.host.substr(end);
        parts.host = parts.host.substr(0, end);
    }
    if (const auto at = parts.host.rfind('@'); at != std::string_view::npos) {
        parts.user = parts.host.substr(0, at);
        parts.host.remove_prefix(at + 1);
    }
    return parts;
}

std::string host_of(const UrlParts& url) {
    auto address = parse_address(url.host);
    if (!address)
        address = parse_address(std::string{url.host} + ":1");
    return address ? address->host : std::string{url.host};
}

std::optional<Refusal> refuse_url(For use, std::string_view text) {
    const UrlRule& rule = rule_for(use);
    if (use == For::database && is_embedded(text)) {
        const auto path = embedded_path(text);
        if (path.empty() || path.starts_with("//"))
            return Refusal{"names no file, must be sqlite: and the path as it is, such as sqlite:/var/lib/smsbcast.db"};
        return std::nullopt;
    }
    const auto url = split_url(text);
    if (!url)
        return use == For::database ? refuse_conninfo(rule, text) : refusal(rule, "is not a URL");
    if (std::ranges::any_of(text, [](char c) { return c == ' '; }))
        return refusal(rule, "holds a space");
    if (!rule.not_yet.empty() && url->scheme == rule.not_yet)
        return refusal(rule, std::string{rule.not_yet} + " is not supported yet");
    if (url->scheme.empty() || std::ranges::find(rule.schemes, url->scheme) == rule.schemes.end())
        return refusal(rule, "has another scheme");
    if (!percent_is_sound(text))
        return Refusal{"holds a '%' that is not followed by two hexadecimal digits; write %25 for '%' itself"};
    if ((url->user && url->user->find('@') != std::string_view::npos) || url->rest.find('@') != std::string_view::npos)
        return Refusal{"holds an '@' in the wrong place; in a user name or password write %40 for '@', %2F for '/', "
                       "%3F for '?' and %23 for '#'"};
    // libpq takes several hosts, or none for a socket, and says itself what it does not like.
    if (use != For::database && !has_host(url->host))
        return refusal(rule, "has no valid host and port");
    return std::nullopt;
}

std::string_view accepted_url_text(For use) noexcept {
    return rule_for(use).accepted;
}

} // namespace smsbcast::config
