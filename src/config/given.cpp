#include "given.hpp"

#include "text_file.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace smsbcast::config {
namespace {

Given variable(const Key& key, std::string_view name, std::string text) {
    return {&key,
            std::move(text),
            {&key, Source::environment, std::string{name}, {}},
            fmt::format("{} (environment)", name)};
}

void read_file_of(const Key& key, const Environment& environment, Findings& findings) {
    const std::string name = std::string{key.environment} + "_FILE";
    const auto path = environment.find(name);
    if (!path)
        return;
    if (environment.find(key.environment)) {
        findings.mistakes.push_back(
            fmt::format("{} (environment): {} is set too, must be only one of them", name, key.environment));
        return;
    }
    auto text = read_secret_file(*path);
    if (const auto* unreadable = std::get_if<Unreadable>(&text)) {
        findings.mistakes.push_back(fmt::format("{} (environment): {} {}, must be a file that holds the value of {}",
                                                name, *path, unreadable->why, key.environment));
        return;
    }
    findings.given.push_back(variable(key, name, std::move(std::get<std::string>(text))));
}

} // namespace

Findings read_environment(const Environment& environment) {
    Findings findings;
    for (const Key& key : keys()) {
        if (const auto text = environment.find(key.environment))
            findings.given.push_back(variable(key, key.environment, std::string{*text}));
        if (key.secret)
            read_file_of(key, environment, findings);
    }
    return findings;
}

Findings read_flags(const Flags& flags, std::span<const List> lists) {
    Findings findings;
    for (const auto& [path, text] : flags) {
        const Key* key = find_key(path);
        const auto section = std::string_view{path}.substr(0, path.find('.'));
        if (key == nullptr && std::ranges::count(lists, section, &List::name) > 0)
            findings.mistakes.push_back(fmt::format("{} (flag): belongs to a list, must be in the file", path));
        else if (key == nullptr)
            findings.mistakes.push_back(fmt::format("{} (flag): is not a known key", path));
        else
            findings.given.push_back(
                {key, text, {key, Source::flag, key->flag(), {}}, fmt::format("{} (flag)", key->flag())});
    }
    return findings;
}

} // namespace smsbcast::config
