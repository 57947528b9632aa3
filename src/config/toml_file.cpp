#include "element_reader.hpp"
#include "given.hpp"
#include "smsbcast/config/suggest.hpp"
#include "text_file.hpp"
#include "toml_value.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace smsbcast::config {
namespace {

constexpr std::size_t kLongestFile = 1024 * 1024;

/// toml++ quotes pieces of the file in its messages (`'123…' is not representable in 64 bits`), and any piece may be a
/// password, or hold a quote of its own. So all between the first quote and the last is left out, unless it is a single
/// character or the name of a key.
std::string without_quoted(std::string_view description) {
    const auto first = description.find('\'');
    const auto last = description.rfind('\'');
    if (first == last)
        return std::string{description.substr(0, first)};
    const auto quoted = description.substr(first + 1, last - first - 1);
    if (quoted.size() <= 1 || find_key(quoted) != nullptr)
        return std::string{description};
    return fmt::format("{}'...'{}", description.substr(0, first), description.substr(last + 1));
}

class TomlReader {
public:
    TomlReader(const std::filesystem::path& path, std::span<const List> lists) : path_(path.string()), lists_(lists) {}

    Findings read(std::string_view text) && {
        try {
            walk(toml::parse(text, path_), "");
        } catch (const toml::parse_error& error) {
            findings_.mistakes.push_back(
                fmt::format("{}: is not TOML: {}", place(error.source()), without_quoted(error.description())));
        }
        return std::move(findings_);
    }

private:
    void walk(const toml::table& table, const std::string& prefix) {
        for (const auto& [name, node] : table) {
            const std::string path = prefix + std::string{name.str()};
            const auto list = std::ranges::find(lists_, path, &List::name);
            if (const Key* key = find_key(path))
                take(*key, node);
            else if (list != lists_.end() && !(node.is_table() && is_section(path)))
                read_list(*list, node, path_, findings_);
            else if (const auto* inner = node.as_table(); inner != nullptr && !inner->empty())
                walk(*inner, path + '.');
            else if (inner == nullptr || !is_section(path))
                refuse(path, node);
        }
    }

    void take(const Key& key, const toml::node& node) {
        const std::string from = fmt::format("{} ({})", key.path, place(node.source()));
        if (auto text = text_of(key.kind, node))
            findings_.given.push_back({&key, std::move(*text), {&key, Source::file, path_, {}}, from});
        else
            findings_.mistakes.push_back(fmt::format("{}: has the wrong type, must be {}, {}", from,
                                                     type_text(key.kind), accepted_text(key.kind)));
    }

    void refuse(const std::string& path, const toml::node& node) {
        std::vector<std::string_view> known;
        for (const Key& key : keys())
            known.push_back(key.path);
        for (const List& list : lists_)
            known.push_back(list.name);
        const auto meant = suggest(path, known);
        findings_.mistakes.push_back(fmt::format("{} ({}): is not a known key{}", path, place(node.source()),
                                                 meant ? fmt::format(", did you mean {}?", *meant) : ""));
    }

    static bool is_section(std::string_view path) {
        return std::ranges::any_of(keys(), [&](const Key& key) { return key.section() == path; });
    }

    std::string place(const toml::source_region& region) const {
        return fmt::format("{}:{}", path_, region.begin.line);
    }

    std::string path_;
    std::span<const List> lists_;
    Findings findings_;
};

} // namespace

Findings read_file(const std::filesystem::path& path, std::span<const List> lists) {
    const auto text = read_text_file(path, kLongestFile);
    if (const auto* unreadable = std::get_if<Unreadable>(&text))
        return {{}, {}, {fmt::format("{}: {}, must be a TOML file", path.string(), unreadable->why)}};
    return TomlReader{path, lists}.read(std::get<std::string>(text));
}

} // namespace smsbcast::config
