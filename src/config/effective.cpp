#include "shown.hpp"
#include "smsbcast/config/load.hpp"

#include <fmt/format.h>

namespace smsbcast::config {
namespace {

/// A table of the file, like the one that gave it; what was not given stands there with its default.
std::string element_text(const Element& element) {
    std::string text = fmt::format("\n[[{}]]  # from file {}\n", element.list->name, element.file);
    for (const Element::Setting& setting : element.settings)
        if (!setting.shown.empty())
            text +=
                fmt::format("{} = {}{}\n", setting.key->name, setting.shown, setting.given ? "" : "  # from default");
    return text;
}

} // namespace

std::string to_string(const Origin& origin) {
    switch (origin.source) {
    case Source::defaults: return "default";
    case Source::file: return "file " + origin.name;
    case Source::environment: return "environment " + origin.name;
    case Source::flag: return "flag " + origin.name;
    }
    return "?";
}

std::string effective_text(const LoadResult& result, const LoadResult& of_all) {
    const auto unused = result.given("database.data") ? "database.url" : "database.data";
    std::string text;
    for (std::size_t i = 0; i < result.origins.size(); ++i) {
        const Origin& origin = result.origins[i];
        const std::string& in_all = of_all.origins[i].shown;
        text += fmt::format("{}{} = {}  # from {}", origin.key->path == unused ? "#" : "", origin.key->path,
                            toml_text(origin.key->kind, origin.shown), to_string(origin));
        text += in_all == origin.shown ? "\n" : fmt::format("; in `all` {}\n", in_all);
    }
    for (const Element& element : result.elements) // last, since all that follows a [[table]] belongs to it
        text += element_text(element);
    return text;
}

} // namespace smsbcast::config
