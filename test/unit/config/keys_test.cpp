#include "smsbcast/config/key.hpp"
#include "smsbcast/config/suggest.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <string>

using namespace smsbcast::config;

namespace {

void set(Config& config, const Key& key, std::string_view text) {
    const auto parsed = parse(key.kind, text);
    if (!std::holds_alternative<Value>(parsed))
        FAIL(key.path << " refuses " << text << ": " << std::get<Refusal>(parsed).why);
    key.store(config, std::get<Value>(parsed));
}

/// A good value of the key that is not its default.
std::string another(const Key& key) {
    if (std::holds_alternative<kind::Address>(key.kind))
        return "other:1";
    if (std::holds_alternative<kind::Url>(key.kind))
        return std::string{key.default_text.substr(0, key.default_text.find("://"))} + "://other";
    if (std::holds_alternative<kind::Boolean>(key.kind))
        return key.default_text == "true" ? "false" : "true";
    if (std::holds_alternative<kind::Schema>(key.kind))
        return "other";
    if (std::holds_alternative<kind::Secrets>(key.kind))
        return std::string(32, 's');
    // The others write what they accept as `first to last` or `first, second …`.
    const std::string accepted = accepted_text(key.kind);
    const std::string first = accepted.substr(0, accepted.find_first_of(" ,"));
    return first == key.default_text ? accepted.substr(accepted.rfind(' ') + 1) : first;
}

} // namespace

TEST_CASE("config keys: names are unique and well-formed", "[config]") {
    std::set<std::string> names;
    for (const Key& key : keys()) {
        INFO(key.path);
        CHECK(names.emplace(key.path).second);
        CHECK(names.emplace(key.environment).second);
        CHECK(names.emplace(key.flag()).second);
        CHECK(key.path.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.") == std::string_view::npos);
        CHECK(key.environment.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos);
        CHECK(std::string{key.section()} + "." + std::string{key.name()} == key.path);
        CHECK(find_key(key.path) == &key);
    }
    // X_FILE must not be the name of another key.
    for (const Key& key : keys())
        CHECK(names.count(std::string{key.environment} + "_FILE") == 0);
}

TEST_CASE("config keys: each is documented in one sentence and used by a role", "[config]") {
    for (const Key& key : keys()) {
        INFO(key.path);
        CHECK(key.doc.ends_with('.'));
        CHECK(key.doc.size() < 180);
        bool used = key.used_by.empty(); // by `all`
        for (const Role role : kAllRoles)
            used = used || key.used_by.contains(role);
        CHECK(used);
    }
}

TEST_CASE("config keys: the default is the initial value of the struct tree", "[config]") {
    for (const Key& key : keys()) {
        INFO(key.path << " = " << key.default_text);
        const auto parsed = parse(key.kind, key.default_text);
        REQUIRE(std::holds_alternative<Value>(parsed));
        Config config;
        key.store(config, std::get<Value>(parsed));
        CHECK(config == Config{});
    }
}

TEST_CASE("config keys: each is kept in a place of its own", "[config]") {
    for (const Key& first : keys()) {
        Config changed;
        set(changed, first, another(first));
        CHECK_FALSE(changed == Config{});
        for (const Key& second : keys()) {
            if (&first == &second)
                continue;
            // Were they in one place, the second's default would undo the first.
            Config both = changed;
            set(both, second, second.default_text);
            if (!(both == changed))
                FAIL(first.path << " and " << second.path << " share a place");
        }
    }
}

TEST_CASE("config keys: flags are the variables in small letters", "[config]") {
    CHECK(find_key("database.pool_size")->flag() == "--database-pool-size");
    CHECK(find_key("outbox.inbox_retention")->flag() == "--receipt-inbox-retention");
    CHECK(find_key("api.http_addr")->flag() == "--http-addr");
    CHECK(find_key("no.such_key") == nullptr);
    CHECK(find_key("") == nullptr);
}

TEST_CASE("config keys: everything that holds a password is marked", "[config]") {
    for (const std::string_view path : {"database.url", "amqp.url", "provider.url"})
        CHECK(find_key(path)->secret);
    CHECK_FALSE(find_key("dlr.webhook_url")->secret);
    CHECK(find_key("dlr.webhook_url")->may_hold_password());
    CHECK_FALSE(find_key("api.max_body")->may_hold_password());
}

TEST_CASE("config roles: names and order", "[config]") {
    std::string names;
    for (const Role role : kAllRoles)
        names.append(to_string(role)).append(" ");
    CHECK(names == "api outbox worker dlr mock-provider ");
    constexpr RoleSet set{Role::api, Role::mock_provider};
    CHECK(set.contains(Role::mock_provider));
    CHECK_FALSE(set.contains(Role::dlr));
    CHECK_FALSE(RoleSet{}.contains(Role::api));
}

TEST_CASE("config suggest: the nearest word, when it is near", "[config]") {
    constexpr std::array<std::string_view, 4> words{"database.url", "database.pool_size", "log.level", "api.max_body"};
    CHECK(suggest("databse.url", words) == "database.url");
    CHECK(suggest("dtaabase.url", words) == "database.url");
    CHECK(suggest("DATABASE_URL", words) == "database.url");
    CHECK(suggest("database.pool.size", words) == "database.pool_size");
    CHECK(suggest("http.max_body", words) == "api.max_body");
    CHECK(suggest("log_level", words) == "log.level");
    CHECK_FALSE(suggest("zebra", words));
    CHECK_FALSE(suggest("", words));
    CHECK_FALSE(suggest(std::string(5000, 'x'), words));
    CHECK_FALSE(suggest("log.level", {}));
}
