#include "key_order.hpp"
#include "store_call.hpp"

#include "smsbcast/app/manage_keys.hpp"
#include "smsbcast/base/log.hpp"
#include "smsbcast/commands/commands.hpp"
#include "smsbcast/config/value.hpp"

#include <fmt/core.h>

namespace smsbcast::commands {

using namespace std::chrono_literals;

using runtime::Awaitable;

namespace {

constexpr int kWrongKeyUsage = 2;
constexpr auto kKeyPatience = 30s;
constexpr int kKeyPage = 1000;

[[noreturn]] void fail_for_key(const boost::system::error_code& error, const std::string& prefix) {
    if (error == Errc::not_found)
        throw std::runtime_error(fmt::format("there is no key {}: smsbcast key list shows them", prefix));
    if (error == Errc::conflict)
        throw std::runtime_error(fmt::format("the key {} has ended already: make a new one", prefix));
    if (error == Errc::refused)
        throw std::runtime_error("there are as many keys as an installation can have: revoke some of them");
    fail_for_store(error);
}

template <class T>
using KeyCall = std::function<Awaitable<Result<T>>(app::ManageKeys&)>;

template <class T>
Awaitable<Result<T>> call_keys(roles::StoreSession& store, app::Peppers peppers, const KeyCall<T>& call) {
    const auto keys = store.keys();
    app::ManageKeys managing(*keys, std::move(peppers));
    auto calling = call(managing);
    co_return co_await std::move(calling);
}

// `prefix` is the key that the call is about, for the sentence of a failure.
template <class T>
T on_keys(const config::LoadResult& loaded, const std::string& prefix, const KeyCall<T>& call) {
    log::set_role("key");
    const auto config = for_store(loaded);
    try {
        const auto backend = roles::make_store_backend(config);
        auto done = call_store<T>(*backend, "key", [&](roles::StoreSession& store) {
            return call_keys<T>(store, config::split_secrets(config.auth.pepper), call);
        });
        if (!done)
            fail_for_key(done.error(), prefix);
        return std::move(*done);
    } catch (const roles::StoreInUse& error) {
        throw std::runtime_error(fmt::format("{}. Stop `all` for this, or use its API at /api/keys", error.what()));
    } catch (const std::runtime_error& error) {
        rethrow_with_hint(error, loaded, config);
    }
}

// Whoever may run commands on this machine.
const Caller& operator_here() {
    static const Caller caller = [] {
        auto anyone = Caller::anyone();
        anyone.who = "command line";
        return anyone;
    }();
    return caller;
}

int print_made(const app::MadeKey& made) {
    fmt::print("{}\n", made.token);
    std::fflush(stdout);
    fmt::print(stderr,
               "This is the key \"{}\" of the tenant {}, for {}. It is shown this once; clients send it as "
               "Authorization: Bearer KEY.{}\n",
               made.key.name, made.key.tenant, to_string(made.key.scopes),
               made.key.expires_at ? " It ends at " + to_rfc3339(*made.key.expires_at) + "." : "");
    return 0;
}

bool lacks_pepper(const config::LoadResult& loaded) {
    if (!loaded.config.auth.pepper.reveal().empty())
        return false;
    fmt::print(stderr, "AUTH_PEPPER: is missing, must be the same secret that `api` has\n");
    return true;
}

} // namespace

int create_key(const KeyOrder& order, const config::LoadResult& loaded) {
    const auto read = read_order(order, wall_clock());
    const auto* mistakes = std::get_if<std::vector<std::string>>(&read);
    for (const auto& mistake : mistakes ? *mistakes : std::vector<std::string>())
        fmt::print(stderr, "{}\n", mistake);
    const bool no_pepper = lacks_pepper(loaded);
    if (mistakes || no_pepper)
        return kWrongKeyUsage;
    return print_made(on_keys<app::MadeKey>(loaded, {}, [&](app::ManageKeys& keys) {
        return keys.create(operator_here(), std::get<app::KeyRequest>(read), Deadline::after(kKeyPatience));
    }));
}

int list_keys(const config::LoadResult& loaded) {
    using Page = std::vector<ApiKey>;
    fmt::print("{:11} {:8} {:16} {:24} {:24} {}\n", "PREFIX", "STATE", "TENANT", "LAST USED", "EXPIRES",
               "NAME (SCOPES)");
    std::optional<std::string> after;
    for (bool more = true; more;) {
        const auto page = on_keys<Page>(loaded, {}, [&](app::ManageKeys& keys) {
            return keys.list(operator_here(), after, kKeyPage, Deadline::after(kKeyPatience));
        });
        for (const auto& key : page)
            fmt::print("{}\n", line_of(key, wall_clock()));
        more = page.size() == static_cast<std::size_t>(kKeyPage);
        if (more)
            after = page.back().prefix;
    }
    return 0;
}

int revoke_key(const std::string& prefix, const config::LoadResult& loaded) {
    const auto named = prefix_in(prefix);
    const auto key = on_keys<ApiKey>(loaded, named, [&](app::ManageKeys& keys) {
        return keys.revoke(operator_here(), named, Deadline::after(kKeyPatience));
    });
    fmt::print("The key {} \"{}\" is revoked: within five seconds it lets nobody in.\n", key.prefix, key.name);
    return 0;
}

int rotate_key(const std::string& prefix, const std::optional<std::string>& overlap, const config::LoadResult& loaded) {
    const auto wait = read_overlap(overlap);
    if (const auto* mistake = std::get_if<std::string>(&wait))
        fmt::print(stderr, "{}\n", *mistake);
    const bool no_pepper = lacks_pepper(loaded);
    if (std::holds_alternative<std::string>(wait) || no_pepper)
        return kWrongKeyUsage;
    const auto named = prefix_in(prefix);
    return print_made(on_keys<app::MadeKey>(loaded, named, [&](app::ManageKeys& keys) {
        return keys.rotate(operator_here(), named, std::get<std::chrono::milliseconds>(wait),
                           Deadline::after(kKeyPatience));
    }));
}

} // namespace smsbcast::commands
