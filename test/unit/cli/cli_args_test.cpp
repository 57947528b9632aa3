#include "cli/cli_args.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace smsbcast;
using config::Role;

namespace {

cli::Action parse(std::vector<const char*> words) {
    words.insert(words.begin(), "smsbcast");
    return cli::parse(static_cast<int>(words.size()), words.data());
}

cli::Exit exit_of(std::vector<const char*> words) {
    const auto action = parse(std::move(words));
    REQUIRE(std::holds_alternative<cli::Exit>(action));
    return std::get<cli::Exit>(action);
}

/// The first line of what is said about wrong usage.
std::string wrong(std::vector<const char*> words) {
    const auto exit = exit_of(std::move(words));
    CHECK(exit.code == 2);
    return exit.text.substr(0, exit.text.find('\n'));
}

cli::RunRoles run(std::vector<const char*> words) {
    const auto action = parse(std::move(words));
    if (const auto* exit = std::get_if<cli::Exit>(&action))
        FAIL(exit->text);
    REQUIRE(std::holds_alternative<cli::RunRoles>(action));
    return std::get<cli::RunRoles>(action);
}

using Flags = config::Flags;

} // namespace

TEST_CASE("cli: a command per role, and one for all", "[cli]") {
    for (const Role role : config::kAllRoles) {
        const auto action = run({to_string(role).data()});
        CHECK(action.roles == std::vector{role});
        CHECK(action.options.flags.empty());
        CHECK_FALSE(action.options.config_file);
    }
    CHECK(run({"all"}).roles == std::vector<Role>{config::kAllRoles.begin(), config::kAllRoles.end()});
}

TEST_CASE("cli: flags of a role stand after its command", "[cli]") {
    CHECK(run({"api", "--http-addr", ":1", "--database-pool-size=9"}).options.flags ==
          Flags{{"api.http_addr", ":1"}, {"database.pool_size", "9"}});
    CHECK(run({"api", "--http-addr", "[::1]:1"}).options.flags == Flags{{"api.http_addr", "[::1]:1"}});
    CHECK(run({"mock-provider", "--http-addr", ":1"}).options.flags == Flags{{"api.http_addr", ":1"}});
    CHECK(run({"all", "--database-url", "host=x password=y"}).options.flags ==
          Flags{{"database.url", "host=x password=y"}});
    // Values are config's business; those that look like flags need the '='.
    CHECK(run({"api", "--api-ticket-size", "many"}).options.flags == Flags{{"api.ticket_size", "many"}});
    CHECK(run({"all", "--mock-error-rate=-1"}).options.flags == Flags{{"mock.error_rate", "-1"}});
    CHECK(run({"api", "--http-addr", ""}).options.flags == Flags{{"api.http_addr", ""}});
}

TEST_CASE("cli: every role takes the flags of its keys and refuses the others", "[cli]") {
    for (const Role role : config::kAllRoles) {
        for (const config::Key& key : config::keys()) {
            const std::string flag = key.flag();
            const auto action = parse({to_string(role).data(), flag.c_str(), "x"});
            INFO(to_string(role) << " " << flag);
            CHECK(std::holds_alternative<cli::RunRoles>(action) == key.used_by.contains(role));
        }
    }
}

TEST_CASE("cli: all and config take the flags of every key", "[cli]") {
    for (const config::Key& key : config::keys()) {
        const std::string flag = key.flag();
        INFO(flag);
        CHECK(run({"all", flag.c_str(), "x"}).options.flags == Flags{{std::string{key.path}, "x"}});
        const auto action = parse({"config", flag.c_str(), "x"});
        REQUIRE(std::holds_alternative<cli::PrintConfig>(action));
        CHECK(std::get<cli::PrintConfig>(action).options.flags == Flags{{std::string{key.path}, "x"}});
    }
}

TEST_CASE("cli: global flags stand before or after the command", "[cli]") {
    for (const auto& words :
         {std::vector{"--config", "a.toml", "--log-level", "debug", "--log-format=json", "api"},
          std::vector{"api", "--config=a.toml", "--log-level=debug", "--log-format", "json"},
          std::vector{"--log-level", "debug", "api", "--config", "a.toml", "--log-format", "json"}}) {
        const auto options = run(words).options;
        CHECK(options.config_file == "a.toml");
        CHECK(options.flags == Flags{{"log.level", "debug"}, {"log.format", "json"}});
    }
}

TEST_CASE("cli: migrate", "[cli]") {
    const auto what = [](std::vector<const char*> words) {
        const auto action = parse(std::move(words));
        REQUIRE(std::holds_alternative<cli::Migrate>(action));
        return std::get<cli::Migrate>(action);
    };
    CHECK(what({"migrate"}).what == cli::Migrate::What::up);
    CHECK(what({"migrate", "up"}).what == cli::Migrate::What::up);
    CHECK(what({"migrate", "status"}).what == cli::Migrate::What::status);
    CHECK(what({"migrate", "status", "--database-url", "host=x", "--config", "f"}).options.flags ==
          Flags{{"database.url", "host=x"}});
    CHECK(wrong({"migrate", "down"}) == "smsbcast: WHAT: must be up or status");
    CHECK(wrong({"migrate", "--amqp-url=x"}) == "smsbcast: --amqp-url is no flag of migrate");
}

TEST_CASE("cli: health and version", "[cli]") {
    CHECK_FALSE(std::get<cli::Health>(parse({"health"})).url);
    CHECK(std::get<cli::Health>(parse({"health", "http://x:1/"})).url == "http://x:1/");
    CHECK(std::get<cli::Health>(parse({"--config", "f", "health"})).options.config_file == "f");
    CHECK(std::holds_alternative<cli::Version>(parse({"version"})));
    CHECK(std::holds_alternative<cli::Version>(parse({"--version"})));
    CHECK(std::holds_alternative<cli::Version>(parse({"api", "--version"})));
}

TEST_CASE("cli: help is short and goes to standard output", "[cli]") {
    const auto help = exit_of({"--help"});
    CHECK(help.code == 0);
    for (const char* word : {"api", "outbox", "worker", "dlr", "mock-provider", "all", "migrate", "config", "health",
                             "version", "--config", "--log-level", "--log-format"})
        CHECK_THAT(help.text, Catch::Contains(word));
    CHECK_THAT(help.text, !Catch::Contains("--database-url"));
    CHECK(exit_of({"-h"}).text == help.text);
    for (const Role role : config::kAllRoles) {
        const auto text = exit_of({to_string(role).data(), "--help"}).text;
        INFO(text);
        CHECK(std::ranges::count(text, '\n') < 100);
        for (const config::Key& key : config::keys()) {
            const bool listed = text.find("  " + key.flag() + " ") != std::string::npos;
            CHECK(listed == (key.used_by.contains(role) && key.section() != "log"));
        }
    }
    CHECK(std::ranges::count(exit_of({"config", "--help"}).text, '\n') < 15);
}

TEST_CASE("cli: help groups flags by section and says what they take", "[cli]") {
    const auto text = exit_of({"dlr", "--help"}).text;
    CHECK_THAT(text, Catch::Contains("\nhttp:\n"));
    CHECK_THAT(text, Catch::Contains("\ndlr:\n"));
    CHECK_THAT(text, !Catch::Contains("\n\n\n"));
    CHECK_THAT(text, Catch::Contains("--dlr-batch NUMBER"));
    CHECK_THAT(text, Catch::Contains("(default 500; 1 to 10000)"));
    CHECK_THAT(text, Catch::Contains("(default :8081)"));
}

TEST_CASE("cli: wrong usage", "[cli]") {
    CHECK(wrong({}) == "smsbcast: a command is missing");
    CHECK(wrong({"--log-level", "debug"}) == "smsbcast: a command is missing");
    CHECK(wrong({"apii"}) == "smsbcast: there is no command apii, did you mean api?");
    CHECK(wrong({"xyzzy"}) == "smsbcast: there is no command xyzzy");
    CHECK(wrong({"api", "outbox"}) == "smsbcast: api takes no further argument");
    CHECK(wrong({"health", "a", "b"}) == "smsbcast: health takes no further argument");
    CHECK(wrong({"api", "--htp-addr", ":1"}) == "smsbcast: there is no flag --htp-addr, did you mean --http-addr?");
    CHECK(wrong({"api", "--worker-lease=3s"}) == "smsbcast: --worker-lease is no flag of api");
    CHECK(wrong({"api", "-x"}) == "smsbcast: there is no flag -x");
    CHECK(wrong({"api", "--http-addr"}) == "smsbcast: --http-addr takes one value, once");
    CHECK(wrong({"api", "--http-addr", ":1", "--http-addr", ":2"}) == "smsbcast: --http-addr takes one value, once");
    CHECK(wrong({"--config"}) == "smsbcast: --config takes one value, once");
}

TEST_CASE("cli: wrong usage never repeats a secret", "[cli]") {
    for (const auto& words :
         {std::vector{"api", "--databse-url=postgres://u:geheim@db"},
          std::vector{"api", "--databse-url", "postgres://u:geheim@db"},
          std::vector{"api", "--database-url", "host=db", "password=geheim"},
          std::vector{"--database-url", "geheim", "api"}, std::vector{"postgres://u:geheim@db"},
          std::vector{"migrate", "host=db password=geheim"}, std::vector{"health", "http://x", "http://u:geheim@x"},
          std::vector{"--log-level=a", "--log-level=geheim", "api"}})
        CHECK_THAT(exit_of(words).text, !Catch::Contains("geheim"));
}

TEST_CASE("cli: hold and release name a store, and may say why and since when", "[cli]") {
    const auto hold = parse({"hold", "--because", "a restore", "--data", "s.db", "--http-addr", ":1"});
    REQUIRE(std::holds_alternative<cli::HoldIt>(hold));
    CHECK(std::get<cli::HoldIt>(hold).because == "a restore");
    CHECK(std::get<cli::HoldIt>(hold).options.flags == Flags{{"database.data", "s.db"}, {"api.http_addr", ":1"}});
    CHECK_FALSE(std::get<cli::HoldIt>(parse({"hold"})).because);

    const auto release = parse({"release", "--assume-sent", "2h", "--provider-resolve-within", "5m"});
    REQUIRE(std::holds_alternative<cli::ReleaseIt>(release));
    CHECK(std::get<cli::ReleaseIt>(release).assume_sent == "2h");
    CHECK(std::get<cli::ReleaseIt>(release).options.flags == Flags{{"provider.resolve_within", "5m"}});
    CHECK_FALSE(std::get<cli::ReleaseIt>(parse({"release"})).assume_sent);
    CHECK(wrong({"release", "--assume-sent"}).find("--assume-sent") != std::string::npos);
}

namespace {

cli::Keys keys_of(std::vector<const char*> words) {
    words.insert(words.begin(), "key");
    const auto action = parse(std::move(words));
    if (const auto* exit = std::get_if<cli::Exit>(&action))
        FAIL(exit->text);
    REQUIRE(std::holds_alternative<cli::Keys>(action));
    return std::get<cli::Keys>(action);
}

} // namespace

TEST_CASE("cli: keys are made, listed, revoked and rotated", "[cli]") {
    const auto made = keys_of({"create", "--name", "till 7", "--scopes", "admin", "--tenant=clinic", "--expires-at",
                               "1h", "--data", "x.db", "--auth-pepper", "p"});
    const auto& order = std::get<cli::CreateKey>(made.what);
    CHECK(order.name == "till 7");
    CHECK(order.scopes == "admin");
    CHECK(order.tenant == "clinic");
    CHECK(order.expires_at == "1h");
    CHECK(made.options.flags == Flags{{"database.data", "x.db"}, {"auth.pepper", "p"}});
    CHECK_FALSE(std::get<cli::CreateKey>(keys_of({"create", "--name", "x", "--scopes", "admin"}).what).tenant);
    CHECK(std::holds_alternative<cli::ListKeys>(keys_of({"list"}).what));
    CHECK(std::get<cli::RevokeKey>(keys_of({"revoke", "0123456789"}).what).prefix == "0123456789");
    const auto rotated = std::get<cli::RotateKey>(keys_of({"rotate", "0123456789", "--overlap", "2h"}).what);
    CHECK(rotated.prefix == "0123456789");
    CHECK(rotated.overlap == "2h");
}

TEST_CASE("cli: what a command on keys lacks is named", "[cli]") {
    for (const auto& words : std::vector<std::vector<const char*>>{{"key"},
                                                                   {"key", "make"},
                                                                   {"key", "create"},
                                                                   {"key", "create", "--name", "x"},
                                                                   {"key", "revoke"},
                                                                   {"key", "list", "--auth-pepper", "p"},
                                                                   {"key", "revoke", "a", "b"}})
        CHECK_FALSE(wrong(words).empty());
}
