#include "config_support.hpp"

#include "smsbcast/config/reach.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::config;
using namespace smsbcast::config::test;

TEST_CASE("config reach: a webhook on the loopback address of another machine", "[config]") {
    const auto astray = [](std::string provider, std::string webhook) {
        return receipts_would_go_astray(
            load_environment({{"PROVIDER_URL", std::move(provider)}, {"DLR_WEBHOOK_URL", std::move(webhook)}}).config);
    };
    CHECK(astray("http://gate:9090", "http://localhost:8081/dlr"));
    CHECK(astray("http://10.0.0.1", "https://127.0.0.1/dlr?token=x"));
    CHECK(astray("http://[fe80::1]:9090/sms", "http://me:pw@[::1]:8081/dlr"));
    CHECK(astray("http://gate", "")); // the default
    CHECK_FALSE(astray("http://gate", "http://dlr:8081/dlr"));
    CHECK_FALSE(astray("http://localhost.:9090", "http://127.0.0.1:8081/dlr"));
    CHECK_FALSE(receipts_would_go_astray(load({}).config));
    CHECK_FALSE(receipts_would_go_astray(load({}, kAllRoles).config));
}
