#include "checks.hpp"

#include "smsbcast/base/loopback.hpp"
#include "url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace smsbcast::config {
namespace {

using C = Config;

struct Rule {
    std::string_view key;
    std::string_view other;
    bool (*holds)(const Config& config);
    std::string_view must;
};

constexpr std::array<Rule, 4> kRules{{
    {"outbox.queue_max_messages", "outbox.queue_min_messages",
     [](const C& c) { return c.outbox.queue_max_messages >= c.outbox.queue_min_messages; }, "at least"},
    {"outbox.claim_lease", "amqp.confirm_timeout",
     [](const C& c) { return c.outbox.claim_lease > c.amqp.confirm_timeout; }, "more than"},
    {"worker.lease", "provider.timeout", [](const C& c) { return c.worker.lease >= 2 * c.provider.timeout; },
     "at least twice"},
    {"provider.retry_cap", "provider.retry_base",
     [](const C& c) { return c.provider.retry_cap >= c.provider.retry_base; }, "at least"},
}};

/// Only what is sure to fail: two names for one machine are left to bind(2).
bool clash(const Address& a, const Address& b) {
    const auto is_any = [](const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; };
    return a.port == b.port && a.port != 0 && (a.host == b.host || is_any(a.host) || is_any(b.host));
}

class Checker {
public:
    Checker(const LoadResult& result, std::span<const Standing> standings) : result_(result), standings_(standings) {}

    void relation(const Rule& rule) {
        if (sound(rule.key) && sound(rule.other) && !rule.holds(result_.config))
            mistakes_.push_back(fmt::format("{}: {} is too little, must be {} {}, {}", from(rule.key), shown(rule.key),
                                            rule.must, from(rule.other), shown(rule.other)));
    }

    void listeners(Role first, Role second) {
        const auto one = traits(first).address.path, other = traits(second).address.path;
        const auto& addresses = result_.config.http_addr;
        if (sound(one) && sound(other) && clash(addresses[first], addresses[second]))
            mistakes_.push_back(
                fmt::format("{}: {} is taken by {}, must be another address", from(other), shown(other), from(one)));
    }

    // What one process holds alone cannot lie between several.
    void embedded(std::span<const Role> roles) {
        const bool needs_server = roles.size() == 1 && needs(roles.front(), Need::store);
        if (needs_server && sound("database.url") && result_.config.database.embedded)
            mistakes_.push_back(fmt::format("{}: {} is the embedded store, which `all` alone can use; roles that run "
                                            "apart need PostgreSQL",
                                            from("database.url"), shown("database.url")));
    }

    // Whichever of the two were taken, whoever gave the other would look for the broadcasts in the wrong place.
    void one_store() {
        if (result_.given("database.data") && result_.given("database.url"))
            mistakes_.push_back(
                fmt::format("{}: {} is given too, must be only one of them: {} for the embedded store in "
                            "that file, DATABASE_URL for PostgreSQL",
                            from("database.data"), from("database.url"), find_key("database.data")->flag()));
    }

    // Otherwise nobody could say which of the two is meant.
    void list_or_section() {
        std::vector<const List*> seen;
        for (const Element& element : result_.elements) {
            if (std::ranges::count(seen, element.list) > 0)
                continue;
            seen.push_back(element.list);
            for (const Origin& origin : result_.origins)
                if (origin.key->section() == element.list->name && origin.source != Source::defaults)
                    mistakes_.push_back(fmt::format("{}: {} is given too, must be only one of them", element.from,
                                                    from(origin.key->path)));
        }
    }

    // They are sent with every message, and https, which would hide them, is not there yet.
    void plain_credentials(std::span<const Role> roles) {
        const bool used =
            roles.empty() || std::ranges::any_of(roles, [](Role role) { return needs(role, Need::provider); });
        if (!used || !sound("provider.url") || result_.config.provider.allow_plain_credentials)
            return;
        const auto url = split_url(result_.config.provider.url.reveal());
        if (!url || !url->user || url->user->empty() || url->user == ":" || is_loopback(host_of(*url)))
            return;
        mistakes_.push_back(
            fmt::format("{}: {} would send its user and password unencrypted to another machine; must be "
                        "a proxy on this one that adds TLS, or PROVIDER_ALLOW_PLAIN_CREDENTIALS=true "
                        "where the network on the way can be trusted",
                        from("provider.url"), shown("provider.url")));
    }

    // Whoever gets in may send to anybody, at the cost of the one whose account it is.
    void doors(std::span<const Role> roles) {
        if (std::ranges::count(roles, Role::api) == 0)
            return;
        const Config& config = result_.config;
        const std::string_view address = traits(Role::api).address.path;
        if (config.auth.required && sound("auth.pepper") && config.auth.pepper.reveal().empty())
            mistakes_.push_back(
                fmt::format("{}: is missing, since clients need API keys here; must be a secret of at least 32 "
                            "characters, such as `openssl rand -hex 32` makes; or AUTH=off, which serves "
                            "this machine alone",
                            from("auth.pepper")));
        if (!config.auth.required && !config.auth.off_anywhere && sound(address) &&
            !listens_here_alone(config.http_addr[Role::api]))
            mistakes_.push_back(
                fmt::format("{}: {} serves other machines, where whoever reaches it may send without a key "
                            "(AUTH=off); must be 127.0.0.1:PORT, or AUTH_OFF_ANYWHERE=true where nobody "
                            "else reaches it",
                            from(address), shown(address)));
    }

    std::vector<std::string> mistakes() && { return std::move(mistakes_); }

private:
    static std::size_t index(std::string_view path) { return static_cast<std::size_t>(find_key(path) - keys().data()); }
    const std::string& from(std::string_view path) const { return standings_[index(path)].from; }
    const std::string& shown(std::string_view path) const { return result_.origins[index(path)].shown; }
    bool sound(std::string_view path) const { return standings_[index(path)].sound; }

    const LoadResult& result_;
    std::span<const Standing> standings_;
    std::vector<std::string> mistakes_;
};

} // namespace

std::vector<std::string> check_across_keys(const LoadResult& result, std::span<const Standing> standings,
                                           std::span<const Role> roles) {
    Checker checker{result, standings};
    for (const Rule& rule : kRules)
        checker.relation(rule);
    checker.one_store();
    checker.list_or_section();
    checker.embedded(roles);
    checker.plain_credentials(roles);
    checker.doors(roles);
    const auto listening = started(roles, result.config);
    for (std::size_t i = 0; i < listening.size(); ++i)
        for (std::size_t j = i + 1; j < listening.size(); ++j)
            checker.listeners(listening[i], listening[j]);
    return std::move(checker).mistakes();
}

} // namespace smsbcast::config
