#include "config_support.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::config;
using namespace smsbcast::config::test;
using Strings = std::vector<std::string>;

TEST_CASE("config mistakes: each names its source and what would be right", "[config]") {
    CHECK(load_environment({{"DATABASE_POOL_SIZE", "0"}}).mistakes ==
          Strings{"DATABASE_POOL_SIZE (environment): 0 is out of bounds, must be 1 to 64"});
    CHECK(load_flags({{"database.pool_size", "four"}}).mistakes ==
          Strings{"--database-pool-size (flag): four is not a whole number, must be 1 to 64"});
    const TempFile file{"[log]\n\nlevel = 'loud'\n"};
    CHECK(load_toml(file).mistakes == Strings{"log.level (" + file.name() +
                                              ":3): loud is not one of its words, must be debug, info, warn or error"});
    CHECK(load_environment({{"STOP_GRACE", "25"}}).mistakes ==
          Strings{"STOP_GRACE (environment): 25 is not a duration, must be 1s to 10m, such as 250ms, 5s, 2m or 1h"});
}

TEST_CASE("config mistakes: all are reported at once, overridden ones too", "[config]") {
    const TempFile file{"[database]\npool_size = 99\nsize = 4\n[api]\nticket_size = 0\n"};
    const auto result = load({{{"api.ticket_size", "5"}, {"api.max_body", "1"}},
                              Environment{{{"DATABASE_POOL_SIZE", "8"}, {"MOCK_ERROR_RATE", "2"}, {"HTTP_ADDR", "x"}}},
                              file.path()});
    CHECK(result.mistakes.size() == 6);
    const std::string text = joined(result.mistakes);
    for (const std::string_view part : {"database.pool_size (", "database.size (", "api.ticket_size (",
                                        "MOCK_ERROR_RATE (", "HTTP_ADDR (", "--api-max-body ("})
        CHECK_THAT(text, Catch::Contains(std::string{part}));
    CHECK(result.config.database.pool_size == 8);
    CHECK(result.config.api.ticket_size == 5);
}

TEST_CASE("config mistakes: one line each, whatever the value holds", "[config]") {
    const auto result =
        load_environment({{"LOG_LEVEL", "a\nb\"\xff"}, {"STOP_GRACE", std::string(500, 'x')}, {"HTTP_ADDR", "a b"}});
    REQUIRE(result.mistakes.size() == 3);
    for (const std::string& mistake : result.mistakes) {
        CHECK(mistake.find('\n') == std::string::npos);
        CHECK(mistake.size() < 200);
    }
    CHECK_THAT(joined(result.mistakes), Catch::Contains("LOG_LEVEL (environment): \"a\\x0ab\"\\xff\" holds a control"));
    CHECK_THAT(joined(result.mistakes), Catch::Contains("HTTP_ADDR (environment): \"a b\" is not an address"));
}

TEST_CASE("config mistakes: an empty flag", "[config]") {
    CHECK(load_flags({{"log.level", ""}}).mistakes ==
          Strings{"--log-level (flag): \"\" is empty, must be debug, info, warn or error"});
    CHECK(load_flags({{"no.such", "1"}}).mistakes == Strings{"no.such (flag): is not a known key"});
}

TEST_CASE("config mistakes: https and amqps are refused with a clear word", "[config]") {
    CHECK(load_environment({{"PROVIDER_URL", "https://gate"}}).mistakes ==
          Strings{"PROVIDER_URL (environment): the value https is not supported yet, must be an http:// URL"});
}

TEST_CASE("config mistakes: keys that contradict each other", "[config]") {
    CHECK(load_environment({{"QUEUE_MAX_MESSAGES", "999"}}).mistakes ==
          Strings{"QUEUE_MAX_MESSAGES (environment): 999 is too little, must be at least QUEUE_MIN_MESSAGES (default), "
                  "1000"});
    CHECK(load_flags({{"outbox.queue_min_messages", "20001"}}).mistakes ==
          Strings{"QUEUE_MAX_MESSAGES (default): 20000 is too little, must be at least --queue-min-messages (flag), "
                  "20001"});
    CHECK(load_environment({{"OUTBOX_CLAIM_LEASE", "10s"}}).mistakes ==
          Strings{"OUTBOX_CLAIM_LEASE (environment): 10s is too little, must be more than AMQP_CONFIRM_TIMEOUT "
                  "(default), 10s"});
    CHECK(load_environment({{"WORKER_LEASE", "19s"}}).mistakes ==
          Strings{
              "WORKER_LEASE (environment): 19s is too little, must be at least twice PROVIDER_TIMEOUT (default), 10s"});
    const TempFile file{"provider.retry_base = '1h'"};
    CHECK(load_toml(file).mistakes ==
          Strings{"PROVIDER_RETRY_CAP (default): 15m is too little, must be at least provider.retry_base (" +
                  file.name() + ":1), 1h"});
}

TEST_CASE("config mistakes: equal bounds are no contradiction", "[config]") {
    CHECK(load_environment(
              {{"QUEUE_MIN_MESSAGES", "20000"}, {"OUTBOX_CLAIM_LEASE", "10001ms"}, {"PROVIDER_RETRY_BASE", "15m"}})
              .mistakes.empty());
}

TEST_CASE("config mistakes: a refused value does not make a second mistake of a rule", "[config]") {
    CHECK(load_environment({{"QUEUE_MAX_MESSAGES", "many"}, {"QUEUE_MIN_MESSAGES", "1000000"}}).mistakes.size() == 1);
    CHECK(load_environment({{"QUEUE_MIN_MESSAGES", "0"}, {"QUEUE_MAX_MESSAGES", "1"}}).mistakes.size() == 1);
    // A stronger source that is right makes the key sound again.
    const auto result = load({{{"outbox.queue_max_messages", "1"}}, Environment{{{"QUEUE_MAX_MESSAGES", "many"}}}, {}});
    CHECK(result.mistakes.size() == 2);
}

TEST_CASE("config mistakes: a file and a database both given as the store", "[config]") {
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    for (const auto& roles : {all, std::vector<Role>{}, std::vector{Role::api}}) {
        const auto mistakes = load({{{"database.data", "s.db"}},
                                    Environment{{{"DATABASE_URL", "postgres://u:pw@db/x"}, {"AUTH", "off"}}},
                                    {}},
                                   roles)
                                  .mistakes;
        CHECK(mistakes == Strings{"--data (flag): DATABASE_URL (environment) is given too, must be only one of them: "
                                  "--data for the embedded store in that file, DATABASE_URL for PostgreSQL"});
    }
    const TempFile file{"[database]\nurl = 'sqlite:s.db'\n"};
    CHECK_THAT(joined(load({{}, Environment{{{"SMSBCAST_DATA", "s.db"}}}, file.path()}, all).mistakes),
               Catch::StartsWith("SMSBCAST_DATA (environment): database.url (" + file.name() + ":2) is given too"));
    CHECK(load_environment({{"SMSBCAST_DATA", "s.db"}, {"DATABASE_URL", ""}}, all).mistakes.empty());
}

TEST_CASE("config mistakes: credentials that would cross the network unencrypted", "[config]") {
    const auto mistakes = [](std::string url, std::vector<Role> roles = {}, std::string allowed = "false") {
        return load_environment(
                   {{"PROVIDER_URL", std::move(url)}, {"PROVIDER_ALLOW_PLAIN_CREDENTIALS", std::move(allowed)}}, roles)
            .mistakes;
    };
    CHECK(
        mistakes("http://me:hunter2@gate:9090/sms") ==
        Strings{"PROVIDER_URL (environment): http://me:***@gate:9090/sms would send its user and password unencrypted "
                "to another machine; must be a proxy on this one that adds TLS, or "
                "PROVIDER_ALLOW_PLAIN_CREDENTIALS=true where the network on the way can be trusted"});
    for (const auto* url : {"http://me:pw@localhost.example.org", "http://me:pw@10.0.0.1:1", "http://me:pw@[fe80::1]/x",
                            "http://:pw@gate", "http://me:@gate", "http://token@gate"}) {
        INFO(url);
        CHECK(mistakes(url).size() == 1);
        CHECK_THAT(joined(mistakes(url)), !Catch::Contains("token"));
        CHECK(mistakes(url, {Role::worker}).size() == 1);
        CHECK(mistakes(url, {kAllRoles.begin(), kAllRoles.end()}).size() == 1);
        CHECK(mistakes(url, {Role::outbox}).empty()); // it sends none
        CHECK(mistakes(url, {Role::worker}, "true").empty());
    }
    for (const auto* url : {"http://me:pw@localhost", "http://me:pw@LOCALHOST.:9090/x", "http://me:pw@127.1.2.3:80",
                            "http://me:pw@127.1", "http://me:pw@[::1]:9090", "http://me:pw@[0:0:0:0:0:0:0:1]",
                            "http://me:pw@[::ffff:127.0.0.1]/x", "http://gate:9090", "http://@gate", "http://:@gate"}) {
        INFO(url);
        CHECK(mistakes(url, {Role::worker}).empty());
    }
}

TEST_CASE("config mistakes: two roles on one address", "[config]") {
    const std::vector<Role> all{kAllRoles.begin(), kAllRoles.end()};
    const auto mistakes = [&](std::string http, std::string dlr) {
        return load_environment({{"HTTP_ADDR", std::move(http)},
                                 {"DLR_WEBHOOK_ADDR", std::move(dlr)},
                                 {"AUTH_PEPPER", std::string(32, 'p')}},
                                all)
            .mistakes;
    };
    CHECK(load({}, all).mistakes.empty());
    CHECK(
        mistakes(":8080", ":8080") ==
        Strings{"DLR_WEBHOOK_ADDR (environment): :8080 is taken by HTTP_ADDR (environment), must be another address"});
    CHECK(mistakes("127.0.0.1:8080", "0.0.0.0:8080").size() == 1);
    CHECK(mistakes("127.0.0.1:8080", "127.0.0.1:8080").size() == 1);
    CHECK(mistakes("127.0.0.1:8080", "127.0.0.2:8080").empty());
    CHECK(mistakes(":0", ":0").empty());
    CHECK(mistakes(":1", ":2").empty());
    CHECK(mistakes(":8080", "x").size() == 1);
    CHECK(load_environment({{"HTTP_ADDR", ":1"}, {"DLR_WEBHOOK_ADDR", ":1"}}).mistakes.empty());
}
