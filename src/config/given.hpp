#pragma once

#include "smsbcast/config/load.hpp"

#include <string>
#include <vector>

namespace smsbcast::config {

/// A value that a source gives for a key, not yet looked at.
struct Given {
    const Key* key;
    std::string text;
    Origin origin;    ///< `shown` still empty
    std::string from; ///< how a mistake begins: `DATABASE_POOL_SIZE (environment)`
};

/// An element that the file gives, with its values: for each key of its list, in order, as ElementKey::store() takes
/// them.
struct GivenElement {
    Element element;
    std::vector<std::vector<Value>> values;
};

/// What one source gives, and what is wrong with it before any value is looked at.
struct Findings {
    std::vector<Given> given;
    std::vector<GivenElement> elements;
    std::vector<std::string> mistakes;
};

Findings read_file(const std::filesystem::path& path, std::span<const List> lists);
Findings read_environment(const Environment& environment);
Findings read_flags(const Flags& flags, std::span<const List> lists);

} // namespace smsbcast::config
