#pragma once

#include <string>

namespace smsbcast {

/// One row of `migrate status`.
struct MigrationState {
    int number = 0;
    std::string name;
    bool applied = false;
    bool changed = false; ///< the file is not the one that was applied
};

} // namespace smsbcast
