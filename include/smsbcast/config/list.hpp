#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/value.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::config {

/// One setting of every element of a list.
struct ElementKey {
    std::string_view name;
    std::string_view default_text; ///< empty: no value where none is given
    Kind kind;
    /// `values` are of this key's kind, one for each that the file gives; none when there is not even a default.
    void (*store)(Config& config, std::size_t element, std::span<const Value> values);
    std::string_view doc; ///< one sentence
    bool required = false;
    std::size_t max_values = 1; ///< more than one: the file gives an array of 1 to so many
    bool secret = false;        ///< never shown; instead of it `<name>_file` may name a file that holds the value
};

/// Settings that the configuration holds any number of times: the tables `[[name]]` of the file. Only the file can hold
/// them, there is neither flag nor variable. Where a section has the same name, its settings and the list exclude each
/// other.
struct List {
    std::string_view name;
    std::span<const ElementKey> keys;
    std::size_t max_elements;
};

/// An element that the file gives, as it may be shown.
struct Element {
    struct Setting {
        const ElementKey* key;
        bool given = false; ///< by the file, be it the default
        std::string shown;  ///< as TOML, passwords masked; empty when it has no value
    };

    const List* list;
    std::string file;
    std::string from;              ///< how a mistake begins: `route (smsbcast.toml:12)`
    std::vector<Setting> settings; ///< one a key, in the order of the list's keys
};

/// Every list of the configuration. Lives as long as the program.
std::span<const List> lists() noexcept;

} // namespace smsbcast::config
