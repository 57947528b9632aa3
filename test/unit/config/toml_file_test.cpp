#include "config_support.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::config;
using namespace smsbcast::config::test;
using namespace std::chrono_literals;

namespace {

/// The only mistake that the content makes, without the name of the file.
std::string mistake(std::string_view content) {
    const TempFile file{content};
    const auto result = load_toml(file);
    REQUIRE(result.mistakes.size() == 1);
    std::string text = result.mistakes.front();
    const auto at = text.find(file.name());
    REQUIRE(at != std::string::npos);
    return text.replace(at, file.name().size(), "FILE");
}

} // namespace

TEST_CASE("config file: every kind of value in its TOML type", "[config]") {
    const TempFile file{R"(
        log.level = "warn"
        [process]
        stop_grace = "2m"
        migrate_at_start = false
        [api]
        http_addr = "[::1]:1"
        max_body = 2048
        ticket_size = 1_000
        [mock]
        error_rate = 0.5
        hang_rate = 1
        [provider]
        url = 'http://gate'
    )"};
    const auto result = load_toml(file);
    CHECK(joined(result.mistakes).empty());
    CHECK(result.config.log.level == smsbcast::log::Level::warn);
    CHECK(result.config.process.stop_grace == 2min);
    CHECK_FALSE(result.config.process.migrate_at_start);
    CHECK(result.config.http_addr[Role::api] == Address{"::1", 1});
    CHECK(result.config.api.max_body == 2048);
    CHECK(result.config.api.ticket_size == 1000);
    CHECK(result.config.mock.error_rate == 0.5);
    CHECK(result.config.mock.hang_rate == 1);
    CHECK(result.config.provider.url.reveal() == "http://gate");
    const TempFile size{"api.max_body = '64KiB'"};
    CHECK(load_toml(size).config.api.max_body == 65'536);
}

TEST_CASE("config file: the wrong TOML type", "[config]") {
    CHECK(mistake("database.pool_size = '4'") ==
          "database.pool_size (FILE:1): has the wrong type, must be a whole number without quotes, 1 to 64");
    CHECK(mistake("database.pool_size = 4.0") ==
          "database.pool_size (FILE:1): has the wrong type, must be a whole number without quotes, 1 to 64");
    CHECK(mistake("process.stop_grace = 5") ==
          "process.stop_grace (FILE:1): has the wrong type, must be text in quotes, 1s to 10m");
    CHECK(mistake("process.migrate_at_start = 'true'") ==
          "process.migrate_at_start (FILE:1): has the wrong type, must be true or false without quotes, true or false");
    CHECK(mistake("mock.error_rate = '0.5'") ==
          "mock.error_rate (FILE:1): has the wrong type, must be a number without quotes, 0 to 1");
    CHECK(mistake("api.max_body = 1.5") ==
          "api.max_body (FILE:1): has the wrong type, must be text in quotes or a whole number, 1KiB to 1GiB");
    CHECK(mistake("log.level = ['info']").starts_with("log.level (FILE:1): has the wrong type"));
    CHECK(mistake("[log.level]\nx = 1").starts_with("log.level (FILE:1): has the wrong type"));
    CHECK(mistake("log.level = 2024-01-01").starts_with("log.level (FILE:1): has the wrong type"));
}

TEST_CASE("config file: values out of bounds", "[config]") {
    CHECK(mistake("[database]\npool_size = -1") == "database.pool_size (FILE:2): -1 is out of bounds, must be 1 to 64");
    CHECK(mistake("api.max_body = 9223372036854775807") ==
          "api.max_body (FILE:1): 9223372036854775807 is out of bounds, must be 1KiB to 1GiB");
    CHECK(mistake("mock.error_rate = nan").ends_with("is out of bounds, must be 0 to 1"));
    CHECK(mistake("mock.error_rate = inf").ends_with("is out of bounds, must be 0 to 1"));
}

TEST_CASE("config file: unknown keys, with what was probably meant", "[config]") {
    CHECK(mistake("[databse]\nurl = 'x'") == "databse.url (FILE:2): is not a known key, did you mean database.url?");
    CHECK(mistake("[database]\npoolsize = 4") ==
          "database.poolsize (FILE:2): is not a known key, did you mean database.pool_size?");
    CHECK(mistake("DATABASE_URL = 'x'") == "DATABASE_URL (FILE:1): is not a known key, did you mean database.url?");
    CHECK(mistake("[database.pool]\nsize = 4") ==
          "database.pool.size (FILE:2): is not a known key, did you mean database.pool_size?");
    CHECK(mistake("zebra = 1") == "zebra (FILE:1): is not a known key");
    CHECK(mistake("[zebra]") == "zebra (FILE:1): is not a known key");
    CHECK(mistake("database = 1").starts_with("database (FILE:1): is not a known key"));
    CHECK(mistake("[[database]]\nurl = 'x'").starts_with("database (FILE:1): is not a known key"));
}

TEST_CASE("config file: empty sections and files are fine", "[config]") {
    for (const std::string_view content : {"", "\n", "# nothing\n", "[database]\n[log]\n"}) {
        const TempFile file{content};
        CHECK(joined(load_toml(file).mistakes).empty());
    }
}

TEST_CASE("config file: what is not TOML is placed by its line", "[config]") {
    CHECK(mistake("[log]\nlevel = \n").starts_with("FILE:2: is not TOML: "));
    CHECK(mistake("[log]\nlevel = 'info'\nlevel = 'warn'\n").starts_with("FILE:3: is not TOML: "));
    CHECK(mistake("[log\n").starts_with("FILE:1: is not TOML: "));
    CHECK(mistake(std::string_view{"a\0b", 3}).starts_with("FILE:1: is not TOML: "));
}

TEST_CASE("config file: what cannot be read", "[config]") {
    const auto mistakes = [](const char* path) { return joined(load({{}, {}, path}).mistakes); };
    CHECK(mistakes("/no/such/file") ==
          "/no/such/file: cannot be read: No such file or directory, must be a TOML file\n");
    CHECK(mistakes("/tmp") == "/tmp: cannot be read: Is a directory, must be a TOML file\n");
    CHECK(mistakes("/dev/zero") == "/dev/zero: is larger than 1048576 bytes, must be a TOML file\n");
}
