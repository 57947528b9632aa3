#include "config_support.hpp"
#include "smsbcast/config/secret.hpp"

#include <catch2/catch.hpp>

#include <concepts>
#include <ostream>

using namespace smsbcast::config;
using namespace smsbcast::config::test;
using Strings = std::vector<std::string>;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
    out << value;
};
static_assert(Printable<std::string> && !Printable<Secret>);
static_assert(!std::convertible_to<Secret, std::string> && !std::convertible_to<std::string, Secret>);

const std::string kPassword = "geheim";

void check_hidden(const LoadResult& result) {
    CHECK_THAT(joined(result.mistakes), !Catch::Contains(kPassword));
    CHECK_THAT(effective_text(result, result), !Catch::Contains(kPassword));
    for (const Origin& origin : result.origins)
        CHECK_THAT(origin.shown, !Catch::Contains(kPassword));
}

} // namespace

TEST_CASE("config secrets: a file may hold the value of every secret key", "[config]") {
    for (const Key& key : keys()) {
        if (!key.secret)
            continue;
        INFO(key.path);
        const std::string name = std::string{key.environment} + "_FILE";
        const TempFile file{std::string{key.default_text} + "\n"};
        const auto result = load_environment({{name, file.name()}});
        CHECK(joined(result.mistakes).empty());
        CHECK(to_string(origin_of(result, key.path)) == "environment " + name);
    }
}

TEST_CASE("config secrets: one trailing newline is dropped, and no more", "[config]") {
    const auto url = [](std::string_view content) {
        const TempFile file{content};
        const auto result = load_environment({{"AMQP_URL_FILE", file.name()}});
        return result.mistakes.empty() ? result.config.amqp.url.reveal() : "mistake";
    };
    CHECK(url("amqp://a") == "amqp://a");
    CHECK(url("amqp://a\n") == "amqp://a");
    CHECK(url("amqp://a\r\n") == "amqp://a");
    CHECK(url("amqp://a\n\n") == "mistake");
    CHECK(url("amqp://a\namqp://b\n") == "mistake");
    CHECK(url("") == "mistake");
    CHECK(url("\n") == "mistake");
}

TEST_CASE("config secrets: mistakes with the file", "[config]") {
    const TempFile file{"amqp://u:geheim@rabbit"};
    const auto both = load_environment({{"AMQP_URL", "amqp://x:geheim@y"}, {"AMQP_URL_FILE", file.name()}});
    CHECK(both.mistakes == Strings{"AMQP_URL_FILE (environment): AMQP_URL is set too, must be only one of them"});
    check_hidden(both);
    CHECK(
        load_environment({{"AMQP_URL_FILE", "/no/such"}}).mistakes ==
        Strings{"AMQP_URL_FILE (environment): /no/such cannot be read: No such file or directory, must be a file that "
                "holds the value of AMQP_URL"});
    CHECK(load_environment({{"AMQP_URL_FILE", "/dev/zero"}}).mistakes.size() == 1);
    const TempFile bad{"http://u:geheim@rabbit"};
    const auto refused = load_environment({{"AMQP_URL_FILE", bad.name()}});
    CHECK(refused.mistakes ==
          Strings{"AMQP_URL_FILE (environment): the value has another scheme, must be an amqp:// URL"});
    check_hidden(refused);
}

TEST_CASE("config secrets: a file beats nothing but weaker sources", "[config]") {
    const TempFile secret{"amqp://from-secret"};
    const TempFile toml{"amqp.url = 'amqp://from-toml'"};
    const Environment environment{{{"AMQP_URL_FILE", secret.name()}}};
    CHECK(load({{}, environment, toml.path()}).config.amqp.url.reveal() == "amqp://from-secret");
    CHECK(load({{{"amqp.url", "amqp://from-flag"}}, environment, toml.path()}).config.amqp.url.reveal() ==
          "amqp://from-flag");
}

TEST_CASE("config secrets: only secret keys have a _FILE", "[config]") {
    const auto result = load_environment({{"HTTP_ADDR_FILE", "/no/such"}, {"LOG_LEVEL_FILE", "/no/such"}});
    CHECK(result.mistakes.empty());
}

TEST_CASE("config secrets: no password is ever shown", "[config]") {
    const Strings urls{"postgres://u:geheim@db/sms",
                       "postgres://u:ge@geheim@db/sms",
                       "postgres://u:1/geheim@db/sms",
                       "postgres://db/sms?password=geheim",
                       "host=db password=geheim",
                       "host=db password='geheim",
                       "host=db password='a\\' geheim'",
                       "amqp://u:geheim@rabbit/",
                       "amqp://u:1#geheim@rabbit/",
                       "amqp:/u:geheim@rabbit/",
                       "amqps://u:geheim@rabbit/",
                       "http://u:geheim@gate:9090/",
                       "http://u:geheim@gate:port/",
                       "http://gate:9090/?token=geheim",
                       "https://u:geheim@gate/",
                       "ftp://u:geheim@gate/",
                       "geheim",
                       "u:geheim@host",
                       "http://u:geheim @gate",
                       "http://u:geheim\n@gate",
                       "s3://u:geheim=x@h"};
    for (const std::string& url : urls) {
        for (const Key& key : keys()) {
            if (!key.may_hold_password())
                continue;
            INFO(key.path << " = " << url);
            check_hidden(load_flags({{std::string{key.path}, url}}));
            check_hidden(load_environment({{std::string{key.environment}, url}}));
            const TempFile file{url};
            check_hidden(load_environment({{std::string{key.environment} + "_FILE", file.name()}}));
            const TempFile toml{std::string{key.path} + " = '''" + url + "'''"};
            check_hidden(load_toml(toml));
        }
    }
}

TEST_CASE("config secrets: not in what the TOML parser says either", "[config]") {
    const Strings contents{"database.url = postgres://u:geheim@db",
                           "database.url = geheim",
                           "database.url = 'geheim",
                           "database.url = 'x' geheim",
                           "database.url = \"ge\\heim geheim\"",
                           "geheim",
                           "[database]\npassword = 1geheim",
                           "database.url = 123456789012345678901234567890geheim",
                           "[database]\nurl = 'geheim'\nurl = 'geheim'",
                           "amqp.url = 0xgeheim",
                           "amqp.url = 1979-geheim",
                           "amqp.url = ['geheim']",
                           "amqp.url = { geheim }",
                           "amqp.url.x = 'geheim'",
                           "amqp.pass = 'geheim'"};
    for (const std::string& content : contents) {
        INFO(content);
        const TempFile file{content};
        const auto result = load_toml(file);
        CHECK_FALSE(result.mistakes.empty());
        check_hidden(result);
    }
}

TEST_CASE("config secrets: what the TOML parser quotes is left out", "[config]") {
    const auto mistake = [](std::string_view content) {
        const TempFile file{content};
        const auto mistakes = load_toml(file).mistakes;
        REQUIRE(mistakes.size() == 1);
        return mistakes.front().substr(file.name().size());
    };
    CHECK(mistake("amqp.url = 12345678901234567890123") ==
          ":1: is not TOML: Error while parsing decimal integer: '...' is not representable in 64 bits");
    CHECK(mistake("amqp.url = 1e99999") ==
          ":1: is not TOML: Error while parsing floating-point: '...' could not be interpreted as a value");
    CHECK(mistake("amqp.url = tr'geheim'") == ":1: is not TOML: Error while parsing boolean: expected '...'");
    // Single characters and our own names help and tell nothing.
    CHECK(mistake("amqp.url = 12x") == ":1: is not TOML: Error while parsing decimal integer: expected digit, saw 'x'");
    CHECK(mistake("amqp.url = 'a'\namqp.url = 'b'") ==
          ":2: is not TOML: Error while parsing key-value pair: cannot redefine existing string 'amqp.url'");
}
