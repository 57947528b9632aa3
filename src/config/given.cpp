#include "given.hpp"

#include "text_file.hpp"

#include <fmt/format.h>

namespace smsbcast::config {
namespace {

constexpr std::size_t kLongestSecret = 64 * 1024;

Given variable(const Key& key, std::string_view name, std::string text) {
    return {&key,
            std::move(text),
            {&key, Source::environment, std::string{name}, {}},
            fmt::format("{} (environment)", name)};
}

/// Secrets reach containers as files; most tools that write them end them with a newline.
void drop_newline(std::string& text) {
    if (text.ends_with('\n'))
        text.pop_back();
    if (text.ends_with('\r'))
        text.pop_back();
}

void read_secret_file(const Key& key, const Environment& environment, Findings& findings) {
    const std::string name = std::string{key.environment} + "_FILE";
    const auto path = environment.find(name);
    if (!path)
        return;
    if (environment.find(key.environment)) {
        findings.mistakes.push_back(
            fmt::format("{} (environment): {} is set too, must be only one of them", name, key.environment));
        return;
    }
    auto text = read_text_file(*path, kLongestSecret);
    if (const auto* unreadable = std::get_if<Unreadable>(&text)) {
        findings.mistakes.push_back(fmt::format("{} (environment): {} {}, must be a file that holds the value of {}",
                                                name, *path, unreadable->why, key.environment));
        return;
    }
    drop_newline(std::get<std::string>(text));
    findings.given.push_back(variable(key, name, std::move(std::get<std::string>(text))));
}

} // namespace

Findings read_environment(const Environment& environment) {
    Findings findings;
    for (const Key& key : keys()) {
        if (const auto text = environment.find(key.environment))
            findings.given.push_back(variable(key, key.environment, std::string{*text}));
        if (key.secret)
            read_secret_file(key, environment, findings);
    }
    return findings;
}

Findings read_flags(const Flags& flags) {
    Findings findings;
    for (const auto& [path, text] : flags) {
        const Key* key = find_key(path);
        if (key == nullptr)
            findings.mistakes.push_back(fmt::format("{} (flag): is not a known key", path));
        else
            findings.given.push_back(
                {key, text, {key, Source::flag, key->flag(), {}}, fmt::format("{} (flag)", key->flag())});
    }
    return findings;
}

} // namespace smsbcast::config
