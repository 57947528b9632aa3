#include "smsbcast/config/key.hpp"
#include "smsbcast/config/role.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace smsbcast::config;

TEST_CASE("config roles: each has an address, which is the first key of its section", "[config]") {
    for (const RoleTraits& role : kRoles) {
        INFO(role.name);
        const Key* const key = find_key(role.address.path);
        REQUIRE(key != nullptr);
        CHECK(key->name() == "http_addr");
        CHECK(key->used_by.contains(role.role));
        const auto all = keys();
        const auto first = std::ranges::find(all, key->section(), &Key::section);
        CHECK(&*first == key);
        CHECK(std::ranges::count(kRoles, role.address.path, [](const auto& it) { return it.address.path; }) == 1);
        CHECK(std::ranges::count(kRoles, role.name, &RoleTraits::name) == 1);
    }
}

TEST_CASE("config roles: what a role needs brings its settings", "[config]") {
    for (const Role role : kAllRoles) {
        INFO(to_string(role));
        CHECK(find_key("database.pool_size")->used_by.contains(role) == needs(role, Need::store));
        CHECK(find_key("amqp.url")->used_by.contains(role) == needs(role, Need::queue));
        CHECK(find_key("provider.retry_base")->used_by.contains(role) == needs(role, Need::outcomes));
        CHECK(find_key("provider.timeout")->used_by.contains(role) == needs(role, Need::provider));
        CHECK(find_key("dlr.webhook_url")->used_by.contains(role) == needs(role, Need::webhook));
        CHECK((traits(role).database_pools > 0) == needs(role, Need::store));
        CHECK(find_key("log.level")->used_by.contains(role));
    }
    // An address of another role that may be taken over is a setting of the taker too.
    CHECK(find_key("api.http_addr")->used_by.contains(Role::mock_provider));
    CHECK_FALSE(find_key("api.http_addr")->used_by.contains(Role::dlr));
}
