#include "config_support.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::config;
using namespace smsbcast::config::test;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("config effective: one line a key, with where it came from", "[config]") {
    const TempFile file{"[http]\nidle_timeout = '1m'\n[mock]\nerror_rate = 0.5\n"};
    const auto result = load({{{"api.max_body", "64KiB"}, {"amqp.prefetch", "016"}},
                              Environment{{{"DATABASE_URL", "host=db password=geheim user=sms"}}},
                              file.path()});
    REQUIRE(joined(result.mistakes).empty());
    const std::string text = effective_text(result, result);
    CHECK(std::ranges::count(text, '\n') == static_cast<std::ptrdiff_t>(keys().size()));
    CHECK(has_line(text, "log.level = \"info\"  # from default"));
    CHECK(has_line(text, "process.migrate_at_start = true  # from default"));
    CHECK(has_line(text, "api.max_body = \"64KiB\"  # from flag --api-max-body"));
    CHECK(has_line(text, "amqp.prefetch = 16  # from flag --amqp-prefetch"));
    CHECK(has_line(text, "http.idle_timeout = \"1m\"  # from file " + file.name()));
    CHECK(has_line(text, "mock.error_rate = 0.5  # from file " + file.name()));
    CHECK(has_line(text, "database.url = \"host=db password=*** user=sms\"  # from environment DATABASE_URL"));
    CHECK(has_line(text, "amqp.url = \"amqp://guest:***@localhost:5672/\"  # from default"));
}

TEST_CASE("config effective: quotes in a value stay TOML", "[config]") {
    const auto result = load_environment({{"DATABASE_URL", R"(host=db dbname='a"b\\c')"}});
    REQUIRE(joined(result.mistakes).empty());
    CHECK_THAT(effective_text(result, result),
               Catch::Contains(R"(database.url = "host=db dbname='a\"b\\\\c'"  # from)"));
}

TEST_CASE("config effective: is itself a configuration file of the same meaning", "[config]") {
    const auto first = load_environment({{"PROVIDER_URL", "http://gate"},
                                         {"DATABASE_URL", "host=db"},
                                         {"AMQP_URL", "amqp://rabbit"},
                                         {"MOCK_ERROR_RATE", ".25"},
                                         {"HTTP_ADDR", "[::1]:80"},
                                         {"STOP_GRACE", "07s"}});
    REQUIRE(joined(first.mistakes).empty());
    const TempFile file{effective_text(first, first)};
    const auto second = load_toml(file);
    CHECK(joined(second.mistakes).empty());
    CHECK(second.config == first.config);
}

TEST_CASE("config effective: what all makes of what was not given stands beside it", "[config]") {
    const auto text = [](Environment::Variables variables) {
        return effective_text(load_environment(variables),
                              load_environment(variables, {kAllRoles.begin(), kAllRoles.end()}));
    };
    const auto none = text({{"LOG_LEVEL", "warn"}});
    CHECK(has_line(none, "log.level = \"warn\"  # from environment LOG_LEVEL"));
    CHECK(has_line(none, "api.http_addr = \":8080\"  # from default; in `all` 127.0.0.1:8080"));
    CHECK(has_line(none, "outbox.http_addr = \":8082\"  # from default; in `all` 127.0.0.1:8082"));
    CHECK(has_line(none, "provider.url = \"http://localhost:9090\"  # from default; in `all` http://127.0.0.1:9090"));
    CHECK_THAT(none, Catch::Contains("# from default; in `all` sqlite:smsbcast.db\n"));
    CHECK(has_line(none, "#database.data = \"smsbcast.db\"  # from default"));

    const auto given = text({{"SMSBCAST_DATA", "s.db"}, {"OUTBOX_HTTP_ADDR", ":1"}, {"DLR_WEBHOOK_ADDR", "h:2"}});
    CHECK(has_line(given, "database.data = \"s.db\"  # from environment SMSBCAST_DATA"));
    CHECK_THAT(given, Catch::Contains("\n#database.url = "));
    CHECK(has_line(given, "outbox.http_addr = \":1\"  # from environment OUTBOX_HTTP_ADDR"));
    CHECK_THAT(given, Catch::Contains("; in `all` http://h:2/dlr\n"));
}
