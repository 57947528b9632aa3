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

/// What one source gives, and what is wrong with it before any value is looked at.
struct Findings {
    std::vector<Given> given;
    std::vector<std::string> mistakes;
};

Findings read_file(const std::filesystem::path& path);
Findings read_environment(const Environment& environment);
Findings read_flags(const Flags& flags);

} // namespace smsbcast::config
