// config/smsbcast.toml against the table of keys.

#include "config_support.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace smsbcast::config;
using namespace smsbcast::config::test;

namespace {

const std::filesystem::path kReference = std::filesystem::path{SMSBCAST_SOURCE_DIR} / "config" / "smsbcast.toml";

struct Entry {
    std::string line;    ///< `pool_size = 4`
    std::string comment; ///< the block of comment lines above it, as one line
};

/// A key is a line `#name = value`, without the blank that every comment has.
std::map<std::string, Entry> entries() {
    std::ifstream file{kReference};
    REQUIRE(file.is_open());
    std::map<std::string, Entry> result;
    std::string section;
    std::string comment;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("[")) {
            section = line.substr(1, line.size() - 2);
        } else if (line.starts_with("# ")) {
            comment += line.substr(2) + " ";
        } else if (line.starts_with("#") && line.size() > 1) {
            const std::string path = section + "." + line.substr(1, line.find(' ') - 1);
            CHECK(result.emplace(path, Entry{line.substr(1), comment}).second);
        } else {
            INFO("a line that is neither comment, key, section nor empty: " << line);
            CHECK((line.empty() || line == "#"));
        }
        if (!line.starts_with("#"))
            comment.clear();
    }
    return result;
}

std::string uncommented(std::string_view but_for = "nothing") {
    std::ifstream file{kReference};
    std::string text;
    for (std::string line; std::getline(file, line);)
        if (!line.starts_with(but_for))
            text += (line.size() > 1 && line[0] == '#' && line[1] != ' ' ? line.substr(1) : line) + "\n";
    return text;
}

} // namespace

TEST_CASE("config reference: as it stands it changes nothing", "[config]") {
    const auto result = load({{}, {}, kReference});
    CHECK(joined(result.mistakes).empty());
    CHECK(result.config == Config{});
    for (const Origin& origin : result.origins)
        CHECK(origin.source == Source::defaults);
}

TEST_CASE("config reference: uncommented it gives every key its default, and none besides", "[config]") {
    const TempFile file{uncommented("#data = ")}; // which excludes database.url
    auto result = load_toml(file);
    CHECK(joined(result.mistakes).empty());
    for (const Origin& origin : result.origins) {
        INFO(origin.key->path);
        CHECK(origin.source == (origin.key->path == "database.data" ? Source::defaults : Source::file));
        CHECK(origin.shown == origin_of(load({}), origin.key->path).shown);
    }
    Provider& provider = result.config.provider;
    CHECK(provider.resolved_unknown_policy == UnknownPolicy::wait_then_fail); // since provider.url is given
    provider.resolved_unknown_policy = UnknownPolicy::resend_same_key;
    provider.url_given = false;
    CHECK(result.config == Config{});
}

TEST_CASE("config reference: each key's comment says what the table says", "[config]") {
    const auto all = entries();
    CHECK(all.size() == keys().size());
    for (const Key& key : keys()) {
        INFO(key.path);
        const auto found = all.find(std::string{key.path});
        REQUIRE(found != all.end());
        const std::string& comment = found->second.comment;
        INFO(comment);
        CHECK_THAT(comment, Catch::StartsWith(std::string{key.doc} + " "));
        std::string names{key.environment};
        if (key.secret)
            names.append(" or ").append(key.environment).append("_FILE");
        std::string values = accepted_text(key.kind);
        if (!unit_text(key.kind).empty())
            values.append(" ").append(unit_text(key.kind));
        CHECK_THAT(comment, Catch::EndsWith(" " + names + ": " + values + " "));
        CHECK_THAT(found->second.line, Catch::Contains(std::string{key.default_text}));
    }
}

TEST_CASE("config reference: sections and keys stand in the order of the table", "[config]") {
    const std::string text = uncommented();
    std::size_t last = 0;
    for (const Key& key : keys()) {
        INFO(key.path);
        const auto section = text.find("\n[" + std::string{key.section()} + "]\n");
        REQUIRE(section != std::string::npos);
        const auto at = text.find("\n" + std::string{key.name()} + " = ", section);
        REQUIRE(at != std::string::npos);
        CHECK(at > last);
        last = at;
    }
}
