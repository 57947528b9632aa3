#include "element_reader.hpp"

#include "shown.hpp"
#include "smsbcast/config/mask.hpp"
#include "smsbcast/config/suggest.hpp"
#include "text_file.hpp"
#include "toml_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace smsbcast::config {
namespace {

constexpr std::string_view kFileSuffix = "_file";
constexpr std::string_view kMask = "***";

struct Read {
    std::vector<Value> values;
    std::string shown;
};

/// Reads one element.
class ElementReader {
public:
    ElementReader(const List& list, const toml::table& table, const std::string& file)
        : list_(list), table_(table), file_(file) {
        given_.element = {&list, file, fmt::format("{} ({})", list.name, place(table)), {}};
    }

    void read(Findings& findings) && {
        for (const auto& [name, node] : table_)
            if (!is_known(name.str()))
                refuse(name.str(), node);
        for (const ElementKey& key : list_.keys)
            take(key);
        if (mistakes_.empty())
            findings.elements.push_back(std::move(given_));
        std::ranges::move(mistakes_, std::back_inserter(findings.mistakes));
    }

private:
    static std::string file_key(const ElementKey& key) { return std::string{key.name}.append(kFileSuffix); }

    bool is_known(std::string_view name) const {
        return std::ranges::any_of(list_.keys, [&](const ElementKey& key) {
            return key.name == name || (key.secret && file_key(key) == name);
        });
    }

    void refuse(std::string_view name, const toml::node& node) {
        std::vector<std::string_view> known;
        for (const ElementKey& key : list_.keys)
            known.push_back(key.name);
        const auto meant = suggest(name, known);
        mistakes_.push_back(fmt::format("{}: is not a known key{}", from(name, node),
                                        meant ? fmt::format(", did you mean {}.{}?", list_.name, *meant) : ""));
    }

    void take(const ElementKey& key) {
        const toml::node* const node = table_.get(key.name);
        const toml::node* const in_file = key.secret ? table_.get(file_key(key)) : nullptr;
        std::optional<Read> read;
        if (node != nullptr && in_file != nullptr)
            mistakes_.push_back(fmt::format("{}: {} is given too, must be only one of them",
                                            from(file_key(key), *in_file), from(key.name, *node)));
        else if (in_file != nullptr)
            read = from_file(key, *in_file);
        else if (node != nullptr)
            read = from_node(key, *node);
        else if (key.required)
            mistakes_.push_back(
                fmt::format("{}: has no {}, must be {}", given_.element.from, key.name, accepted_text(key.kind)));
        else
            read = by_default(key);
        if (!read)
            return;
        given_.element.settings.push_back({&key, node != nullptr || in_file != nullptr, std::move(read->shown)});
        given_.values.push_back(std::move(read->values));
    }

    std::optional<Read> by_default(const ElementKey& key) {
        if (key.default_text.empty())
            return Read{};
        return parsed(key, {std::string{key.default_text}}, given_.element.from);
    }

    std::optional<Read> from_file(const ElementKey& key, const toml::node& node) {
        const auto place = from(file_key(key), node);
        const auto path = node.value_exact<std::string>();
        if (!path) {
            mistakes_.push_back(
                fmt::format("{}: has the wrong type, must be text in quotes, the path of a file", place));
            return std::nullopt;
        }
        auto text = read_secret_file(*path);
        if (const auto* const unreadable = std::get_if<Unreadable>(&text)) {
            mistakes_.push_back(fmt::format("{}: {} {}, must be a file that holds the value of {}", place,
                                            printable(*path), unreadable->why, key.name));
            return std::nullopt;
        }
        return parsed(key, {std::get<std::string>(std::move(text))}, place);
    }

    std::optional<Read> from_node(const ElementKey& key, const toml::node& node) {
        const auto place = from(key.name, node);
        std::vector<std::string> texts;
        const auto* const array = node.as_array();
        const bool right_shape = (array != nullptr) == (key.max_values > 1);
        const auto add = [&](const toml::node& value) {
            auto text = text_of(key.kind, value);
            if (text)
                texts.push_back(std::move(*text));
            return text.has_value();
        };
        const bool well = right_shape && (array == nullptr ? add(node) : std::ranges::all_of(*array, add));
        if (!well) {
            mistakes_.push_back(fmt::format("{}: has the wrong type, must be {}{}, {}", place,
                                            key.max_values > 1 ? "an array of " : "", type_text(key.kind),
                                            accepted_text(key.kind)));
            return std::nullopt;
        }
        if (texts.empty() || texts.size() > key.max_values) {
            mistakes_.push_back(
                fmt::format("{}: holds {} values, must be 1 to {}", place, texts.size(), key.max_values));
            return std::nullopt;
        }
        return parsed(key, texts, place);
    }

    std::optional<Read> parsed(const ElementKey& key, const std::vector<std::string>& texts, const std::string& place) {
        Read read;
        bool well = true;
        for (const std::string& text : texts) {
            auto value = parse(key.kind, text);
            if (const auto* const refusal = std::get_if<Refusal>(&value)) {
                mistakes_.push_back(fmt::format("{}: {} {}", place,
                                                may_hold_password(key) ? "the value" : printable(text), refusal->why));
                well = false;
                continue;
            }
            read.shown +=
                (read.shown.empty() ? "" : ", ") + toml_text(key.kind, shown(key, text, std::get<Value>(value)));
            read.values.push_back(std::get<Value>(std::move(value)));
        }
        if (key.max_values > 1)
            read.shown = "[" + read.shown + "]";
        return well ? std::optional{std::move(read)} : std::nullopt;
    }

    static bool is_url(const ElementKey& key) { return std::holds_alternative<kind::Url>(key.kind); }
    static bool may_hold_password(const ElementKey& key) { return key.secret || is_url(key); }

    static std::string shown(const ElementKey& key, const std::string& text, const Value& value) {
        if (is_url(key))
            return mask_password(text);
        return key.secret ? std::string{kMask} : shown_text(key.kind, text, value);
    }

    std::string place(const toml::node& node) const { return fmt::format("{}:{}", file_, node.source().begin.line); }

    std::string from(std::string_view name, const toml::node& node) const {
        return fmt::format("{}.{} ({})", list_.name, name, place(node));
    }

    const List& list_;
    const toml::table& table_;
    const std::string& file_;
    GivenElement given_;
    std::vector<std::string> mistakes_;
};

} // namespace

void read_list(const List& list, const toml::node& node, const std::string& file, Findings& findings) {
    const auto from = [&](const toml::node& at) {
        return fmt::format("{} ({}:{})", list.name, file, at.source().begin.line);
    };
    const auto* const array = node.as_array();
    const auto is_table = [](const toml::node& element) { return element.is_table(); };
    if (array == nullptr || !std::ranges::all_of(*array, is_table)) {
        findings.mistakes.push_back(
            fmt::format("{}: is a list, must be a table [[{}]] for each element", from(node), list.name));
        return;
    }
    if (array->size() > list.max_elements)
        findings.mistakes.push_back(fmt::format("{}: is one too many, must be at most {}",
                                                from(*array->get(list.max_elements)), list.max_elements));
    for (const auto& element : *array)
        ElementReader{list, *element.as_table(), file}.read(findings);
}

} // namespace smsbcast::config
