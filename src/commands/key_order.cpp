#include "key_order.hpp"

#include "smsbcast/config/value.hpp"

#include <fmt/format.h>

namespace smsbcast::commands {

using namespace std::chrono_literals;

namespace {

// The flag of a field: --expires-at for expires_at.
std::string flag_of(app::KeyMistake mistake) {
    std::string flag = "--" + std::string(app::field_of(mistake));
    for (auto& c : flag)
        c = c == '_' ? '-' : c;
    return flag;
}

std::optional<Timestamp> read_end(const std::string& text, Timestamp now) {
    const auto from_now = config::parse(config::kind::Duration{1min, 10 * 365 * 24h}, text);
    if (const auto* value = std::get_if<config::Value>(&from_now))
        return now + std::get<std::chrono::milliseconds>(*value);
    return parse_rfc3339(text);
}

std::string shown(const std::optional<Timestamp>& time, const char* without) {
    return time ? to_rfc3339(*time) : std::string(without);
}

} // namespace

std::variant<app::KeyRequest, std::vector<std::string>> read_order(const KeyOrder& order, Timestamp now) {
    std::vector<std::string> mistakes;
    app::KeyRequest request;
    request.name = order.name;
    request.tenant = order.tenant.value_or(request.tenant);
    request.scopes = parse_scopes(order.scopes).value_or(Scopes());
    if (order.expires_at) {
        request.expires_at = read_end(*order.expires_at, now);
        if (!request.expires_at)
            mistakes.emplace_back(
                "--expires-at: must be a time such as 2027-01-31T00:00:00Z, or how long from now, such "
                "as 2160h");
    }
    const auto found = app::check(request, now);
    for (const auto mistake : app::kKeyMistakes)
        if (found.contains(mistake))
            mistakes.push_back(fmt::format("{}: {}", flag_of(mistake), app::message(mistake)));
    if (!mistakes.empty())
        return mistakes;
    return request;
}

std::variant<std::chrono::milliseconds, std::string> read_overlap(const std::optional<std::string>& text) {
    if (!text)
        return std::chrono::milliseconds(app::ManageKeys::kDefaultOverlap);
    const auto parsed = config::parse(config::kind::Duration{0ms, app::ManageKeys::kMostOverlap}, *text);
    if (const auto* refusal = std::get_if<config::Refusal>(&parsed))
        return fmt::format("--overlap: {}", refusal->why);
    return std::get<std::chrono::milliseconds>(std::get<config::Value>(parsed));
}

std::string prefix_in(const std::string& text) {
    const auto token = parse_key_token(text);
    const auto* key = std::get_if<KeyToken>(&token);
    return key ? key->prefix : text;
}

std::string line_of(const ApiKey& key, Timestamp now) {
    const auto* state = key.revoked_at ? "revoked" : is_live(key, now) ? "live" : "expired";
    return fmt::format("{:11} {:8} {:16} {:24} {:24} {} ({})", key.prefix, state, key.tenant,
                       shown(key.last_used_at, "never"), shown(key.expires_at, "never"), key.name,
                       to_string(key.scopes));
}

} // namespace smsbcast::commands
