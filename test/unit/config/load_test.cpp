#include "config_support.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace smsbcast::config;
using namespace smsbcast::config::test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

TEST_CASE("config load: without sources everything is the default", "[config]") {
    const auto result = load({});
    CHECK(result.mistakes.empty());
    CHECK(result.config == Config{});
    REQUIRE(result.origins.size() == keys().size());
    for (const Origin& origin : result.origins)
        CHECK(to_string(origin) == "default");
    CHECK_FALSE(result.given("database.url"));
    CHECK_THROWS(result.given("database.uri"));
}

TEST_CASE("config load: flag over environment over file over default", "[config]") {
    // Every mixture of the three sources, each giving a value of its own.
    for (unsigned mix = 0; mix < 8; ++mix) {
        const bool in_file = (mix & 1U) != 0;
        const bool in_environment = (mix & 2U) != 0;
        const bool in_flags = (mix & 4U) != 0;
        const TempFile file{in_file ? "[database]\npool_size = 10\n" : ""};
        Sources sources{{}, {}, file.path()};
        if (in_environment)
            sources.environment = Environment{{{"DATABASE_POOL_SIZE", "20"}}};
        if (in_flags)
            sources.flags["database.pool_size"] = "30";
        const auto result = load(sources);
        INFO("file " << in_file << " environment " << in_environment << " flags " << in_flags);
        CHECK(result.mistakes.empty());
        CHECK(result.config.database.pool_size == (in_flags ? 30 : in_environment ? 20 : in_file ? 10 : 4));
        CHECK(to_string(origin_of(result, "database.pool_size")) == (in_flags         ? "flag --database-pool-size"
                                                                     : in_environment ? "environment DATABASE_POOL_SIZE"
                                                                     : in_file        ? "file " + file.name()
                                                                                      : "default"));
        CHECK(result.given("database.pool_size") == (mix != 0));
        CHECK(origin_of(result, "http.idle_timeout").source == Source::defaults);
    }
}

TEST_CASE("config load: every key can be given by every source", "[config]") {
    for (const Key& key : keys()) {
        INFO(key.path);
        const std::string text{key.default_text};
        CHECK(origin_of(load_flags({{std::string{key.path}, text}}), key.path).source == Source::flag);
        CHECK(origin_of(load_environment({{std::string{key.environment}, text}}), key.path).source ==
              Source::environment);
        const bool bare = std::holds_alternative<kind::Integer>(key.kind) ||
                          std::holds_alternative<kind::Ratio>(key.kind) ||
                          std::holds_alternative<kind::Boolean>(key.kind);
        const TempFile file{std::string{key.path} + " = " + (bare ? text : '"' + text + '"')};
        CHECK(origin_of(load_toml(file), key.path).source == Source::file);
    }
}

TEST_CASE("config load: the variables that users know keep their meaning", "[config]") {
    const auto result = load_environment({{"HTTP_ADDR", "127.0.0.1:1"},
                                          {"DATABASE_URL", "postgres://a:b@c/d"},
                                          {"AMQP_URL", "amqp://e"},
                                          {"PROVIDER_URL", "http://f"},
                                          {"DLR_WEBHOOK_URL", "http://g/dlr"},
                                          {"DLR_WEBHOOK_ADDR", ":2"},
                                          {"OUTBOX_POLL_INTERVAL", "1s"},
                                          {"OUTBOX_BATCH_SIZE", "7"}});
    CHECK(result.mistakes.empty());
    CHECK(result.config.http_addr[Role::api] == Address{"127.0.0.1", 1});
    CHECK(result.config.database.url.reveal() == "postgres://a:b@c/d");
    CHECK(result.config.amqp.url.reveal() == "amqp://e");
    CHECK(result.config.provider.url.reveal() == "http://f");
    CHECK(result.config.dlr.webhook_url == "http://g/dlr");
    CHECK(result.config.http_addr[Role::dlr] == Address{"", 2});
    CHECK(result.config.outbox.poll_interval == 1s);
    CHECK(result.config.outbox.batch_size == 7);
}

TEST_CASE("config load: words become the enums that they name", "[config]") {
    using smsbcast::log::Level;
    const std::vector<std::pair<std::string, Level>> levels{
        {"debug", Level::debug}, {"info", Level::info}, {"warn", Level::warn}, {"error", Level::error}};
    for (const auto& [word, level] : levels)
        CHECK(load_environment({{"LOG_LEVEL", word}}).config.log.level == level);
    const std::vector<std::pair<std::string, LogFormat>> formats{
        {"auto", LogFormat::automatic}, {"json", LogFormat::json}, {"text", LogFormat::text}};
    for (const auto& [word, format] : formats)
        CHECK(load_environment({{"LOG_FORMAT", word}}).config.log.format == format);
    CHECK(load_environment({{"MOCK_RECEIPT_ECHO", "message_id"}}).config.mock.receipt_echo == ReceiptEcho::message_id);
    CHECK(load_environment({{"MOCK_RECEIPT_ECHO", "provider_id"}}).config.mock.receipt_echo ==
          ReceiptEcho::provider_id);
}

TEST_CASE("config load: what becomes of unknown outcomes depends on the provider", "[config]") {
    const auto resolved = [](Environment::Variables variables) {
        return load_environment(std::move(variables)).config.provider.resolved_unknown_policy;
    };
    const std::string url = "http://localhost:9090"; // given, though it is the default
    CHECK(resolved({}) == UnknownPolicy::resend_same_key);
    CHECK(resolved({{"PROVIDER_UNKNOWN_POLICY", "auto"}}) == UnknownPolicy::resend_same_key);
    CHECK(resolved({{"PROVIDER_URL", url}}) == UnknownPolicy::wait_then_fail);
    CHECK(resolved({{"PROVIDER_URL", url}, {"PROVIDER_UNKNOWN_POLICY", "auto"}}) == UnknownPolicy::wait_then_fail);
    for (const bool given : {false, true}) {
        Environment::Variables variables;
        if (given)
            variables["PROVIDER_URL"] = url;
        variables["PROVIDER_UNKNOWN_POLICY"] = "resend_same_key";
        CHECK(resolved(variables) == UnknownPolicy::resend_same_key);
        variables["PROVIDER_UNKNOWN_POLICY"] = "wait_then_fail";
        CHECK(resolved(variables) == UnknownPolicy::wait_then_fail);
        variables["PROVIDER_UNKNOWN_POLICY"] = "resend";
        CHECK(resolved(variables) == UnknownPolicy::resend);
    }
}

TEST_CASE("config load: what was not given lies in the process of all, and on servers for a role alone", "[config]") {
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    const Environment::Variables amqp{{"AMQP_URL", "amqp://guest:guest@localhost:5672/"}};
    const Environment::Variables database{{"DATABASE_URL", "host=db"}};

    const auto none = load_environment({}, all).config;
    CHECK(none.database.embedded == "smsbcast.db");
    CHECK(none.amqp.in_process);
    CHECK_FALSE(load_environment(amqp, all).config.amqp.in_process); // be it the default
    CHECK(load_environment(amqp, all).config.database.embedded);
    CHECK_FALSE(load_environment(database, all).config.database.embedded);
    CHECK(load_environment(database, all).config.amqp.in_process);

    for (const Role role : all) {
        const auto alone = load_environment({}, std::vector{role}).config;
        CHECK_FALSE(alone.database.embedded);
        CHECK_FALSE(alone.amqp.in_process);
    }
    CHECK_FALSE(load({}).config.amqp.in_process);
    CHECK_FALSE(load({}).config.provider.url_given);
    CHECK(load_flags({{"provider.url", "http://x"}}).config.provider.url_given);
}

TEST_CASE("config load: all finds its own mock and webhook wherever they are", "[config]") {
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    const auto in_all = [&](Environment::Variables variables) { return load_environment(variables, all).config; };
    CHECK(in_all({}).provider.url.reveal() == "http://127.0.0.1:9090");
    CHECK(in_all({}).dlr.webhook_url == "http://127.0.0.1:8081/dlr");
    CHECK(started(all, in_all({})) == all);

    const auto [address, place] = GENERATE(table<std::string, std::string>({{":1234", "http://localhost:1234"},
                                                                            {"0.0.0.0:1234", "http://localhost:1234"},
                                                                            {"[::]:1234", "http://localhost:1234"},
                                                                            {"127.0.0.9:1", "http://127.0.0.9:1"},
                                                                            {"[::1]:1", "http://[::1]:1"}}));
    const auto mock_moved = in_all({{"MOCK_PROVIDER_ADDR", address}});
    CHECK(mock_moved.provider.url.reveal() == place);
    CHECK_FALSE(mock_moved.provider.url_given);
    CHECK(mock_moved.provider.resolved_unknown_policy == UnknownPolicy::resend_same_key);
    CHECK(in_all({{"DLR_WEBHOOK_ADDR", address}}).dlr.webhook_url == place + "/dlr");
    CHECK(load_environment({{"MOCK_PROVIDER_ADDR", address}, {"DLR_WEBHOOK_ADDR", address}}, std::vector{Role::worker})
              .config.provider.url.reveal() == Provider{}.url.reveal());

    const auto given = in_all({{"PROVIDER_URL", "http://p"},
                               {"DLR_WEBHOOK_URL", "http://d/dlr"},
                               {"MOCK_PROVIDER_ADDR", ":8080"}, // where the API is, and no mock is started
                               {"DLR_WEBHOOK_ADDR", address}});
    CHECK(given.provider.url.reveal() == "http://p");
    CHECK(given.dlr.webhook_url == "http://d/dlr");
    CHECK(started(all, given) == std::vector(all.begin(), all.end() - 1));
    CHECK(started(std::vector{Role::mock_provider}, given) == std::vector{Role::mock_provider});
}

TEST_CASE("config load: all finds them whichever source moved them", "[config]") {
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    const TempFile file{"[mock]\nhttp_addr = ':1234'\n[dlr]\nhttp_addr = ':1235'\n"};
    const std::vector<Sources> sources{
        {{{"mock.http_addr", ":1234"}, {"dlr.http_addr", ":1235"}}, {}, {}},
        {{}, Environment{{{"MOCK_PROVIDER_ADDR", ":1234"}, {"DLR_WEBHOOK_ADDR", ":1235"}}}, {}},
        {{}, {}, file.path()}};
    for (const Sources& source : sources) {
        const auto result = load(source, all);
        CHECK(result.mistakes.empty());
        CHECK(result.config.provider.url.reveal() == "http://localhost:1234");
        CHECK_FALSE(result.config.provider.url_given);
        CHECK(result.config.dlr.webhook_url == "http://localhost:1235/dlr");
    }
}

TEST_CASE("config load: all opens to other machines what they need, and what was asked for", "[config]") {
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    const auto in_all =
        load_environment({{"PROVIDER_URL", "http://gate"}, {"AUTH_OFF_ANYWHERE", "true"}, {"AUTH", "off"}}, all).config;
    CHECK(in_all.http_addr[Role::api] == Address{"", 8080});
    CHECK(in_all.http_addr[Role::dlr] == Address{"", 8081});
    CHECK(in_all.http_addr[Role::outbox] == Address{"127.0.0.1", 8082});
    CHECK(in_all.http_addr[Role::worker] == Address{"127.0.0.1", 8083});
    CHECK(in_all.http_addr[Role::mock_provider] == Address{"127.0.0.1", 9090});

    const auto given = load_environment(
        {{"OUTBOX_HTTP_ADDR", ":8082"}, {"WORKER_HTTP_ADDR", ":1"}, {"MOCK_PROVIDER_ADDR", "0.0.0.0:9090"}}, all);
    CHECK(given.config.http_addr[Role::outbox] == Address{"", 8082}); // be it the default
    CHECK(given.config.http_addr[Role::worker] == Address{"", 1});
    CHECK(given.config.http_addr[Role::mock_provider] == Address{"0.0.0.0", 9090});

    for (const Role role : all) { // load balancers and container health checks ask these from outside
        const auto alone = load({}, std::vector{role}).config;
        CHECK(alone.http_addr[Role::outbox] == Address{"", 8082});
        CHECK(alone.http_addr[Role::worker] == Address{"", 8083});
        CHECK(alone.http_addr[Role::mock_provider] == Address{"", 9090});
    }
}

TEST_CASE("config load: a file that is given alone is the store of commands without roles too", "[config]") {
    CHECK(load_flags({{"database.data", "s.db"}}).config.database.embedded == "s.db");
    CHECK_FALSE(load({}).config.database.embedded);
    CHECK_FALSE(load_flags({{"database.data", "s.db"}}, {Role::api}).config.database.embedded);
}

TEST_CASE("config load: the mock alone takes HTTP_ADDR", "[config]") {
    const Environment::Variables http_addr{{"HTTP_ADDR", ":7000"}};
    const std::vector<Role> alone{Role::mock_provider};
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    const auto lent = load_environment(http_addr, alone);
    CHECK(lent.config.http_addr[Role::mock_provider].port == 7000);
    CHECK(to_string(origin_of(lent, "mock.http_addr")) == "environment HTTP_ADDR");
    CHECK(origin_of(lent, "mock.http_addr").key->path == "mock.http_addr");
    CHECK(load_flags({{"api.http_addr", ":7000"}}, alone).config.http_addr[Role::mock_provider].port == 7000);

    CHECK(load_environment(http_addr, all).config.http_addr[Role::mock_provider].port == 9090);
    CHECK(load_environment(http_addr).config.http_addr[Role::mock_provider].port == 9090);
    CHECK(load_environment({}, alone).config.http_addr[Role::mock_provider].port == 9090);
    const auto own = load_environment({{"HTTP_ADDR", ":7000"}, {"MOCK_PROVIDER_ADDR", ":7001"}}, alone);
    CHECK(own.config.http_addr[Role::mock_provider].port == 7001);
    const TempFile shared{"[api]\nhttp_addr = ':7000'\n"};
    CHECK(load({{}, {}, shared.path()}, alone).config.http_addr[Role::mock_provider].port == 9090);
    CHECK(load_environment({{"HTTP_ADDR", "x"}}, alone).mistakes.size() == 1);
}

TEST_CASE("config load: SMSBCAST_CONFIG names the file unless the flag does", "[config]") {
    const TempFile one{"api.ticket_size = 1"};
    const TempFile two{"api.ticket_size = 2"};
    const Environment environment{{{"SMSBCAST_CONFIG", one.name()}}};
    CHECK(load({{}, environment, {}}).config.api.ticket_size == 1);
    CHECK(load({{}, environment, two.path()}).config.api.ticket_size == 2);
    CHECK(load_environment({{"SMSBCAST_CONFIG", "/no/such/file"}}).mistakes ==
          Strings{"/no/such/file: cannot be read: No such file or directory, must be a TOML file"});
}

TEST_CASE("config load: an empty variable is not given, a foreign one is ignored", "[config]") {
    const auto result = load_environment({{"HTTP_ADDR", ""},
                                          {"DATABASE_URL", ""},
                                          {"DATABASE_URL_FILE", ""},
                                          {"SMSBCAST_CONFIG", ""},
                                          {"HTP_ADDR", "x"}});
    CHECK(result.mistakes.empty());
    CHECK(result.config == Config{});
}

TEST_CASE("config load: the environment of the process", "[config]") {
    REQUIRE(::setenv("SMSBCAST_CONFIG_TEST", "a=b", 1) == 0);
    REQUIRE(::setenv("SMSBCAST_CONFIG_EMPTY", "", 1) == 0);
    const auto environment = Environment::of_process();
    ::unsetenv("SMSBCAST_CONFIG_TEST");
    ::unsetenv("SMSBCAST_CONFIG_EMPTY");
    CHECK(environment.find("SMSBCAST_CONFIG_TEST") == "a=b");
    CHECK_FALSE(environment.find("SMSBCAST_CONFIG_EMPTY"));
    CHECK_FALSE(environment.find("SMSBCAST_CONFIG_NONE"));
}
