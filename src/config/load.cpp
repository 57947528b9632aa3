#include "smsbcast/config/load.hpp"

#include "checks.hpp"
#include "given.hpp"
#include "shown.hpp"
#include "smsbcast/config/mask.hpp"
#include "url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace smsbcast::config {
namespace {

std::string shown_text(const Key& key, std::string_view text, const Value& value) {
    if (std::holds_alternative<kind::Secrets>(key.kind))
        return std::string{text == kNoSecret ? kNoSecret : "***"};
    return key.may_hold_password() ? mask_password(text) : shown_text(key.kind, text, value);
}

/// How another role of this process reaches `address`.
std::string url_of(const Address& address) {
    return "http://" + to_string(listens_everywhere(address) ? Address{"localhost", address.port} : address);
}

class Loader {
public:
    Loader() {
        for (const Key& key : keys()) {
            result_.origins.push_back({&key, Source::defaults, {}, {}});
            standings_.push_back({});
            take({&key,
                  std::string{key.default_text},
                  {&key, Source::defaults, {}, {}},
                  fmt::format("{} (default)", key.environment)});
        }
    }

    /// Stronger sources come later.
    void add(Findings findings) {
        std::ranges::move(findings.mistakes, std::back_inserter(result_.mistakes));
        for (Given& given : findings.given)
            take(std::move(given));
        for (GivenElement& given : findings.elements)
            take(std::move(given));
    }

    /// A mock of its own is a service like any other and so takes the variable that every platform sets. The file's
    /// `api.http_addr` names the API's address, which a file shared by all roles must not hand to the mock.
    void lend_address(Role from, Role to) {
        const auto lent = traits(from).address.path, own = traits(to).address.path;
        const Origin& lender = origin(lent);
        if (result_.given(own) || lender.source < Source::environment || !standing(own).sound)
            return;
        result_.config.http_addr[to] = result_.config.http_addr[from];
        origin(own) = {find_key(own), lender.source, lender.name, lender.shown};
        standing(own) = standing(lent);
    }

    LoadResult finish(std::span<const Role> roles) && {
        Config& config = result_.config;
        const bool all = roles.size() > 1; // otherwise the other roles are other processes, with a server between them
        if (is_embedded(config.database.url.reveal()))
            config.database.embedded = embedded_path(config.database.url.reveal());
        else if (!result_.given("database.url") && (all || (roles.empty() && result_.given("database.data"))))
            config.database.embedded = config.database.data;
        config.amqp.in_process = all && !result_.given("amqp.url");
        config.provider.url_given = result_.given("provider.url");
        if (all)
            stay_within(config);
        if (std::ranges::count(roles, Role::api) > 0)
            choose_auth(config, all && config.database.embedded);
        config.process.roles = started(roles, config);
        config.provider.resolved_unknown_policy = resolve(config.provider);
        if (all)
            find_each_other(config);
        std::ranges::move(check_across_keys(result_, standings_, roles), std::back_inserter(result_.mistakes));
        return std::move(result_);
    }

private:
    // What the roles of one process have for each other and for health checks: nobody beyond this machine asks there.
    void stay_within(Config& config) {
        for (const RoleTraits& role : kRoles) {
            // The mock, which then is the provider, posts its receipts from within.
            const bool is_for_mock = role.role == Role::dlr && !config.provider.url_given;
            if (!role.reached_from_outside || is_for_mock)
                listen_within(config, role);
        }
        if (!result_.given("database.url"))
            origin("database.url").shown = "sqlite:" + config.database.data;
        if (config.amqp.in_process)
            origin("amqp.url").shown = "none, the queue is in the process";
    }

    void listen_within(Config& config, const RoleTraits& role) {
        if (result_.given(role.address.path))
            return;
        Address& address = config.http_addr[role.role];
        address.host = "127.0.0.1";
        origin(role.address.path).shown = to_string(address);
    }

    // Who need not say who he is has to be on this machine at least.
    void choose_auth(Config& config, bool is_embedded) {
        Auth& auth = config.auth;
        const RoleTraits& api = traits(Role::api);
        const bool is_here = !result_.given(api.address.path) || listens_here_alone(config.http_addr[Role::api]);
        const bool is_open = is_embedded && is_here;
        auth.required = auth.mode == AuthMode::required || (auth.mode == AuthMode::automatic && !is_open);
        if (auth.mode == AuthMode::automatic)
            origin("auth.mode").shown = auth.required ? "required" : "off";
        if (!auth.required && !(auth.mode == AuthMode::off && auth.off_anywhere))
            listen_within(config, api);
    }

    void find_each_other(Config& config) {
        if (!result_.given("provider.url")) {
            config.provider.url = Secret{url_of(config.http_addr[Role::mock_provider])};
            origin("provider.url").shown = config.provider.url.reveal();
        }
        if (!result_.given("dlr.webhook_url")) {
            config.dlr.webhook_url = url_of(config.http_addr[Role::dlr]) + "/dlr";
            origin("dlr.webhook_url").shown = config.dlr.webhook_url;
        }
    }

    void take(GivenElement given) {
        const auto index = static_cast<std::size_t>(
            std::ranges::count(result_.elements, given.element.list, [](const Element& other) { return other.list; }));
        for (std::size_t i = 0; i < given.values.size(); ++i)
            given.element.list->keys[i].store(result_.config, index, given.values[i]);
        result_.elements.push_back(std::move(given.element));
    }

    void take(Given given) {
        Standing& place = standing(given.key->path);
        auto parsed = parse(given.key->kind, given.text);
        place.from = given.from;
        place.sound = std::holds_alternative<Value>(parsed);
        if (!place.sound) {
            const std::string what = given.key->may_hold_password() ? "the value" : printable(given.text);
            result_.mistakes.push_back(fmt::format("{}: {} {}", given.from, what, std::get<Refusal>(parsed).why));
            return;
        }
        const Value& value = std::get<Value>(parsed);
        given.key->store(result_.config, value);
        given.origin.shown = shown_text(*given.key, given.text, value);
        origin(given.key->path) = std::move(given.origin);
    }

    static UnknownPolicy resolve(const Provider& provider) {
        switch (provider.unknown_policy) {
        case UnknownPolicyChoice::resend_same_key: return UnknownPolicy::resend_same_key;
        case UnknownPolicyChoice::wait_then_fail: return UnknownPolicy::wait_then_fail;
        case UnknownPolicyChoice::resend: return UnknownPolicy::resend;
        case UnknownPolicyChoice::automatic: break;
        }
        return provider.url_given ? UnknownPolicy::wait_then_fail : UnknownPolicy::resend_same_key;
    }

    static std::size_t index(std::string_view path) { return static_cast<std::size_t>(find_key(path) - keys().data()); }
    Origin& origin(std::string_view path) { return result_.origins[index(path)]; }
    Standing& standing(std::string_view path) { return standings_[index(path)]; }

    LoadResult result_;
    std::vector<Standing> standings_;
};

} // namespace

bool LoadResult::given(std::string_view path) const {
    const auto found = std::ranges::find(origins, path, [](const Origin& origin) { return origin.key->path; });
    if (found == origins.end())
        throw std::invalid_argument{"no key is called " + std::string{path}};
    return found->source != Source::defaults;
}

LoadResult load(const Sources& sources, std::span<const Role> roles, std::span<const List> known) {
    Loader loader;
    if (sources.file)
        loader.add(read_file(*sources.file, known));
    else if (const auto path = sources.environment.find("SMSBCAST_CONFIG"))
        loader.add(read_file(*path, known));
    loader.add(read_environment(sources.environment));
    loader.add(read_flags(sources.flags, known));
    if (roles.size() == 1 && traits(roles.front()).may_listen_as)
        loader.lend_address(*traits(roles.front()).may_listen_as, roles.front());
    return std::move(loader).finish(roles);
}

std::vector<Role> started(std::span<const Role> roles, const Config& config) {
    std::vector<Role> result(roles.begin(), roles.end());
    if (roles.size() > 1 && config.provider.url_given)
        std::erase_if(result, [](Role role) { return traits(role).is_stand_in; });
    return result;
}

} // namespace smsbcast::config
