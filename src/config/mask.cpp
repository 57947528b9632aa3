#include "smsbcast/config/mask.hpp"

#include "conninfo.hpp"
#include "url.hpp"

#include <algorithm>
#include <array>

namespace smsbcast::config {
namespace {

constexpr std::string_view kMask = "***";

/// By the name, since what a parameter holds cannot be told from its value. An encoded name hides what it is.
bool names_a_password(std::string_view name) {
    constexpr std::array<std::string_view, 7> kWords{"password", "passwd", "pwd",      "secret",
                                                     "token",    "apikey", "accesskey"};
    std::string plain;
    for (const char c : name) {
        if (c == '%')
            return true;
        if (c != '_' && c != '-')
            plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return std::ranges::any_of(kWords, [&](std::string_view word) { return plain.find(word) != std::string::npos; });
}

using IsSecret = bool (*)(std::string_view name);

/// What libpq knows: its `options` may set anything.
bool hides_in_database(std::string_view name) {
    return names_a_password(name) || name == "options";
}

/// Any other parameter may be the key to the broker.
bool hides_in_broker(std::string_view name) {
    constexpr std::array<std::string_view, 6> kHarmless{"heartbeat", "connection_timeout", "channel_max",
                                                        "frame_max", "auth_mechanism",     "verify"};
    return std::ranges::count(kHarmless, name) == 0;
}

IsSecret rule_of(std::string_view scheme) {
    if (scheme.starts_with("http"))
        return [](std::string_view) { return true; };
    return scheme.starts_with("amqp") ? hides_in_broker : hides_in_database;
}

std::string mask_query(std::string_view query, IsSecret is_secret) {
    std::string result;
    while (true) {
        const auto end = query.find_first_of("&;");
        const auto parameter = query.substr(0, end);
        const auto equals = parameter.find('=');
        if (equals != std::string_view::npos && is_secret(parameter.substr(0, equals)))
            result.append(parameter.substr(0, equals + 1)).append(kMask);
        else
            result += parameter;
        if (end == std::string_view::npos)
            return result;
        result += query[end];
        query.remove_prefix(end + 1);
    }
}

/// A provider's user without a password is often the key itself.
std::string mask_user(std::string_view user, std::string_view scheme) {
    const auto colon = user.find(':');
    if (colon == std::string_view::npos)
        return std::string{scheme.starts_with("http") && !user.empty() ? kMask : user};
    return std::string{user.substr(0, colon + 1)}.append(kMask);
}

std::string mask_url(const UrlParts& url) {
    // An '@' further on means that a '/', '?' or '#' of the password was not encoded: all before the last one is it.
    const auto stray = url.rest.rfind('@');
    const auto is_secret = rule_of(url.scheme);
    std::string result = std::string{url.scheme} + "://";
    if (stray != std::string_view::npos)
        return result.append(kMask).append(mask_query(url.rest.substr(stray), is_secret));
    if (url.user)
        result.append(mask_user(*url.user, url.scheme)).append("@");
    result += url.host;
    const auto question = url.rest.find('?');
    if (question == std::string_view::npos)
        return result.append(url.rest);
    return result.append(url.rest.substr(0, question + 1)).append(mask_query(url.rest.substr(question + 1), is_secret));
}

} // namespace

std::string mask_password(std::string_view text) {
    if (is_embedded(text))
        return std::string{text};
    if (const auto url = split_url(text))
        return mask_url(*url);
    const auto parameters = parse_conninfo(text);
    if (!parameters)
        return std::string{kMask};
    std::string result;
    std::size_t copied = 0;
    for (const auto& parameter : *parameters) {
        if (!hides_in_database(parameter.name))
            continue;
        result.append(text.substr(copied, parameter.begin - copied)).append(kMask);
        copied = parameter.end;
    }
    return result.append(text.substr(copied));
}

} // namespace smsbcast::config
