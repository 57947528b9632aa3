// Who need not say who he is has to be on this machine.

#include "config_support.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::config;
using namespace smsbcast::config::test;

namespace {

const std::vector<Role> kAllOfThem{kAllRoles.begin(), kAllRoles.end()};
const std::string kPepper(32, 'p');

struct Case {
    Environment::Variables given;
    std::vector<Role> roles;
    bool required;
    std::string address; ///< of the API
    std::string mistake; ///< how it begins; empty: there is none
};

void check(const Case& expected) {
    std::string given;
    for (const auto& [name, value] : expected.given)
        given += name + "=" + value + " ";
    INFO(given << (expected.roles.size() == 1 ? "api" : "all"));
    const auto result = load_environment(expected.given, expected.roles);
    INFO(joined(result.mistakes));
    CHECK(result.mistakes.size() == (expected.mistake.empty() ? 0 : 1));
    if (!expected.mistake.empty() && !result.mistakes.empty())
        CHECK(result.mistakes.front().starts_with(expected.mistake));
    CHECK(result.config.auth.required == expected.required);
    CHECK(to_string(result.config.http_addr[Role::api]) == expected.address);
}

} // namespace

TEST_CASE("config auth: a role of its own asks for keys", "[config][auth]") {
    const std::vector<Role> api{Role::api};
    check({{{"AUTH_PEPPER", kPepper}}, api, true, ":8080", ""});
    check({{{"AUTH_PEPPER", kPepper}, {"AUTH", "required"}}, api, true, ":8080", ""});
    check({{}, api, true, ":8080", "AUTH_PEPPER (default): is missing"});
    check({{{"HTTP_ADDR", "127.0.0.1:1"}}, api, true, "127.0.0.1:1", "AUTH_PEPPER (default): is missing"});
    check({{{"AUTH", "off"}}, api, false, "127.0.0.1:8080", ""});
    check({{{"AUTH", "off"}, {"HTTP_ADDR", "localhost:1"}}, api, false, "localhost:1", ""});
    check({{{"AUTH", "off"}, {"HTTP_ADDR", "[::1]:1"}}, api, false, "[::1]:1", ""});
    for (const auto* address : {":8080", "0.0.0.0:8080", "[::]:8080", "10.0.0.1:8080", "gate:8080"}) {
        check({{{"AUTH", "off"}, {"HTTP_ADDR", address}}, api, false, address, "HTTP_ADDR (environment): "});
        check({{{"AUTH", "off"}, {"HTTP_ADDR", address}, {"AUTH_OFF_ANYWHERE", "true"}}, api, false, address, ""});
    }
    check({{{"AUTH", "off"}, {"AUTH_OFF_ANYWHERE", "true"}}, api, false, ":8080", ""});
    for (const auto* address :
         {"0:8080", "0.0:8080", "0x0:8080", "[::0]:8080", "[0:0:0:0:0:0:0:0]:8080", "[::ffff:0.0.0.0]:8080"})
        check({{{"AUTH", "off"}, {"HTTP_ADDR", address}}, api, false, address, "HTTP_ADDR (environment): "});
}

TEST_CASE("config auth: all with its own file is open on this machine, and nowhere else", "[config][auth]") {
    check({{}, kAllOfThem, false, "127.0.0.1:8080", ""});
    check({{{"SMSBCAST_DATA", "x.db"}}, kAllOfThem, false, "127.0.0.1:8080", ""});
    check({{{"HTTP_ADDR", "127.0.0.1:1"}}, kAllOfThem, false, "127.0.0.1:1", ""});
    check({{{"HTTP_ADDR", ":1"}}, kAllOfThem, true, ":1", "AUTH_PEPPER (default): is missing"});
    check({{{"HTTP_ADDR", ":1"}, {"AUTH_PEPPER", kPepper}}, kAllOfThem, true, ":1", ""});
    check({{{"AUTH", "required"}, {"AUTH_PEPPER", kPepper}}, kAllOfThem, true, ":8080", ""});
    check({{{"AUTH_OFF_ANYWHERE", "true"}}, kAllOfThem, false, "127.0.0.1:8080", ""});
    check({{{"DATABASE_URL", "postgres://db/x"}}, kAllOfThem, true, ":8080", "AUTH_PEPPER (default): is missing"});
}

TEST_CASE("config auth: the webhook of all is for its mock alone, until there is another provider", "[config][auth]") {
    const auto dlr = [](Environment::Variables given) {
        return to_string(load_environment(std::move(given), kAllOfThem).config.http_addr[Role::dlr]);
    };
    CHECK(dlr({}) == "127.0.0.1:8081");
    CHECK(dlr({{"DLR_WEBHOOK_ADDR", ":1"}}) == ":1");
    CHECK(dlr({{"PROVIDER_URL", "http://gate:1"}}) == ":8081");
}

TEST_CASE("config auth: other roles need no pepper", "[config][auth]") {
    for (const auto role : kAllRoles)
        if (role != Role::api)
            CHECK(load_environment({}, {role}).mistakes.empty());
    CHECK(load_environment({}).mistakes.empty());
}

TEST_CASE("config auth: a pepper is long, and is never shown", "[config][auth]") {
    const auto load = [](const std::string& pepper) { return load_environment({{"AUTH_PEPPER", pepper}}); };
    const auto two = load(" " + kPepper + " , " + std::string(40, 'q') + "\t"); // the tab is refused below
    CHECK(two.mistakes.size() == 1);
    const auto good = load(" " + kPepper + " , " + std::string(40, 'q') + ",");
    CHECK(good.mistakes.empty());
    CHECK(split_secrets(good.config.auth.pepper) == std::vector<std::string>{kPepper, std::string(40, 'q')});
    CHECK(origin_of(good, "auth.pepper").shown == "***");
    CHECK(origin_of(load("none"), "auth.pepper").shown == "none");
    CHECK(split_secrets(load("none").config.auth.pepper).empty());
    for (const auto& bad : {std::string(31, 'p'), kPepper + ",short", std::string(","),
                            kPepper + "," + kPepper + "," + kPepper + "," + kPepper + "," + kPepper}) {
        const auto refused = load(bad);
        REQUIRE(refused.mistakes.size() == 1);
        CHECK(refused.mistakes.front().find("ppp") == std::string::npos);
        CHECK(refused.mistakes.front().find("short,") == std::string::npos);
    }
    // Text that could be taken for a connection string is hidden as a whole.
    CHECK(origin_of(load("host=a password=b and some more text"), "auth.pepper").shown == "***");
}
