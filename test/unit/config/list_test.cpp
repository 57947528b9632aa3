// Lists, by a list of the test's own.

#include "config_support.hpp"

#include <catch2/catch.hpp>

#include <array>

using namespace smsbcast::config;
using namespace smsbcast::config::test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

struct Gate {
    std::string name;
    Secret url;
    std::vector<std::string> prefixes;
    std::uint64_t rate = 0;
    std::chrono::milliseconds timeout{};
    Secret password;

    bool operator==(const Gate&) const = default;
};

/// Where the keys below put their values.
std::vector<Gate> gates; // NOLINT(cert-err58-cpp)

Gate& gate(std::size_t element) {
    if (gates.size() <= element)
        gates.resize(element + 1);
    return gates[element];
}

const std::array kKeys = std::to_array<ElementKey>({
    {"name", "", kind::Prefix{},
     [](Config&, std::size_t element, std::span<const Value> values) {
         gate(element).name = std::get<std::string>(values.front());
     },
     "What it is called.", true},
    {"url", "http://localhost:9090", kind::Url{kind::Url::For::provider},
     [](Config&, std::size_t element, std::span<const Value> values) {
         gate(element).url = Secret{std::get<std::string>(values.front())};
     },
     "Where it is.", false, 1, true},
    {"prefix", "", kind::Prefix{},
     [](Config&, std::size_t element, std::span<const Value> values) {
         for (const Value& value : values)
             gate(element).prefixes.push_back(std::get<std::string>(value));
     },
     "What it takes.", false, 3},
    {"rate", "100", kind::Integer{1, 1000, "messages"},
     [](Config&, std::size_t element, std::span<const Value> values) {
         gate(element).rate = std::get<std::uint64_t>(values.front());
     },
     "How fast it is."},
    {"timeout", "10s", kind::Duration{1s, 1min},
     [](Config&, std::size_t element, std::span<const Value> values) {
         gate(element).timeout = std::get<std::chrono::milliseconds>(values.front());
     },
     "How slow it is."},
    {"password", "", kind::Path{},
     [](Config&, std::size_t element, std::span<const Value> values) {
         if (!values.empty())
             gate(element).password = Secret{std::get<std::string>(values.front())};
     },
     "What it asks for.", false, 1, true},
});

/// The second is called like a section.
const std::array<List, 2> kLists{{{"gate", kKeys, 2}, {"provider", kKeys, 1}}};

LoadResult load_lists(const TempFile& file, Environment environment = {}, Flags flags = {}) {
    gates.clear();
    return load({std::move(flags), std::move(environment), file.path()}, {}, kLists);
}

/// The mistakes that the content makes, without the name of the file.
Strings mistakes(std::string_view content) {
    const TempFile file{content};
    auto result = load_lists(file).mistakes;
    for (std::string& mistake : result)
        for (auto at = mistake.find(file.name()); at != std::string::npos; at = mistake.find(file.name()))
            mistake.replace(at, file.name().size(), "FILE");
    return result;
}

} // namespace

TEST_CASE("config list: each element has its own values and the defaults of the others", "[config]") {
    const TempFile file{R"(
        [[gate]]
        name = "a"
        prefix = ["66", "856"]
        timeout = "2s"
        [[gate]]
        name = "b"
        url = "http://b"
        rate = 7
    )"};
    const auto result = load_lists(file);
    CHECK(joined(result.mistakes).empty());
    CHECK(gates == std::vector<Gate>{{"a", Secret{"http://localhost:9090"}, {"66", "856"}, 100, 2s, {}},
                                     {"b", Secret{"http://b"}, {}, 7, 10s, {}}});
    CHECK(result.config == Config{});
    CHECK(result.elements.size() == 2);
    const TempFile none{"gate = []"};
    CHECK(load_lists(none).elements.empty());
}

TEST_CASE("config list: what nobody declared is no list", "[config]") {
    const TempFile file{"[[gate]]\nname = 'a'\n"};
    CHECK_THAT(joined(load_toml(file).mistakes), Catch::StartsWith("gate (" + file.name() + ":1): is not a known key"));
    CHECK(lists().empty());
}

TEST_CASE("config list: all mistakes at once, each with its line", "[config]") {
    CHECK(
        mistakes("[[gate]]\nnam = 'a'\nrate = 0\ntimeout = 5\nprefix = 'x'\n[[gate]]\nname = 'b'\nurl = 'ftp://b'\n") ==
        Strings{"gate.nam (FILE:2): is not a known key, did you mean gate.name?",
                "gate (FILE:1): has no name, must be auto, or 1 to 200 of a-z, A-Z, 0-9, ., _ and -",
                "gate.prefix (FILE:5): has the wrong type, must be an array of text in quotes, auto, or 1 to 200 of "
                "a-z, A-Z, 0-9, ., _ and -",
                "gate.rate (FILE:3): 0 is out of bounds, must be 1 to 1000",
                "gate.timeout (FILE:4): has the wrong type, must be text in quotes, 1s to 1m",
                "gate.url (FILE:8): the value has another scheme, must be an http:// URL"});
    CHECK(mistakes("[[gate]]\nname = 'a'\nprefix = []") ==
          Strings{"gate.prefix (FILE:3): holds 0 values, must be 1 to 3"});
    CHECK(mistakes("[[gate]]\nname = 'a'\nprefix = ['1', '2', '3', '4']") ==
          Strings{"gate.prefix (FILE:3): holds 4 values, must be 1 to 3"});
    CHECK(mistakes("[[gate]]\nname = ['a']").front().starts_with("gate.name (FILE:2): has the wrong type"));
    CHECK(
        mistakes("[[gate]]\nname = 'a'\nprefix = ['1', 2]").front().starts_with("gate.prefix (FILE:3): has the wrong"));
    CHECK(mistakes("[[gate]]\nname = 'a'\nprefix = ['1', '?', '!']").size() == 2);
}

TEST_CASE("config list: too many elements, and what is no list", "[config]") {
    CHECK(mistakes("[[gate]]\nname='a'\n[[gate]]\nname='b'\n[[gate]]\nname='c'\n") ==
          Strings{"gate (FILE:5): is one too many, must be at most 2"});
    const std::string no_list = "is a list, must be a table [[gate]] for each element";
    CHECK(mistakes("[gate]\nname = 'a'") == Strings{"gate (FILE:1): " + no_list});
    CHECK(mistakes("gate = 'a'") == Strings{"gate (FILE:1): " + no_list});
    CHECK(mistakes("gate = ['a']") == Strings{"gate (FILE:1): " + no_list});
    CHECK(mistakes("[[gat]]\nname = 'a'") == Strings{"gat (FILE:1): is not a known key, did you mean gate?"});
}

TEST_CASE("config list: only the file can hold one", "[config]") {
    const TempFile file{"[[gate]]\nname = 'a'\n"};
    CHECK(load_lists(file, {}, {{"gate.rate", "5"}}).mistakes ==
          Strings{"gate.rate (flag): belongs to a list, must be in the file"});
}

TEST_CASE("config list: a section of the same name excludes it", "[config]") {
    const TempFile list{"[[provider]]\nname = 'a'\n"};
    CHECK(joined(load_lists(list).mistakes).empty());
    CHECK(
        load_lists(list, Environment{{{"PROVIDER_URL", "http://x"}}}, {{"provider.timeout", "5s"}}).mistakes ==
        Strings{"provider (" + list.name() + ":1): PROVIDER_URL (environment) is given too, must be only one of them",
                "provider (" + list.name() + ":1): --provider-timeout (flag) is given too, must be only one of them"});
    const TempFile section{"[provider]\nurl = 'http://x'\n"};
    const auto result = load_lists(section);
    CHECK(joined(result.mistakes).empty());
    CHECK(result.config.provider.url.reveal() == "http://x");
    CHECK(result.elements.empty());
}

TEST_CASE("config list: the listing shows it as it could stand in the file, secrets masked", "[config]") {
    const TempFile file{"[[gate]]\nname = 'a'\nurl = 'http://u:geheim@gate'\nprefix = ['66', '856']\nrate = 100\n"
                        "password = 'geheim'\n"};
    const auto result = load_lists(file);
    const std::string text = effective_text(result, result);
    CHECK_THAT(text, Catch::EndsWith("\n\n[[gate]]  # from file " + file.name() +
                                     "\nname = \"a\"\nurl = \"http://u:***@gate\"\nprefix = [\"66\", \"856\"]\n"
                                     "rate = 100\ntimeout = \"10s\"  # from default\npassword = \"***\"\n"));

    const TempFile plain{
        "database.url = 'host=db'\namqp.url = 'amqp://a'\n[[gate]]\nname = 'a'\n[[gate]]\nname = 'b'\n"};
    const auto first = load_lists(plain);
    const auto given = gates;
    const TempFile again{effective_text(first, first)};
    CHECK(joined(load_lists(again).mistakes).empty());
    CHECK(gates == given);
}

TEST_CASE("config list: a file may hold the value of each element's secret", "[config]") {
    const TempFile secret{"geheim\n"};
    const TempFile file{"[[gate]]\nname = 'a'\npassword_file = '" + secret.name() + "'\n[[gate]]\nname = 'b'\n"};
    const auto result = load_lists(file);
    CHECK(joined(result.mistakes).empty());
    REQUIRE(gates.size() == 2);
    CHECK(gates[0].password.reveal() == "geheim");
    CHECK(gates[1].password.reveal().empty());
    CHECK_THAT(effective_text(result, result), !Catch::Contains("geheim"));
}

TEST_CASE("config list: mistakes with secrets do not show them", "[config]") {
    CHECK(mistakes("[[gate]]\nname = 'a'\npassword = 'geheim'\npassword_file = '/x'\n") ==
          Strings{"gate.password_file (FILE:4): gate.password (FILE:3) is given too, must be only one of them"});
    CHECK(
        mistakes("[[gate]]\nname = 'a'\npassword_file = '/no/such'\n") ==
        Strings{"gate.password_file (FILE:3): /no/such cannot be read: No such file or directory, must be a file that "
                "holds the value of password"});
    CHECK(mistakes("[[gate]]\nname = 'a'\npassword_file = 1\n") ==
          Strings{"gate.password_file (FILE:3): has the wrong type, must be text in quotes, the path of a file"});
    CHECK(mistakes("[[gate]]\nname = 'a'\nrate_file = '/x'\n").size() == 1); // it is no secret
    for (const std::string_view content : {"password = \"\"\"geheim\ngeheim\"\"\"", "url = 'http://u:geheim@gate:port'",
                                           "url = 'geheim'", "password = ['geheim']", "url = 1979-01-01"}) {
        const auto found = mistakes("[[gate]]\nname = 'a'\n" + std::string{content});
        CHECK_FALSE(found.empty());
        CHECK_THAT(joined(found), !Catch::Contains("geheim"));
    }
}
