#include "smsbcast/domain/known_scopes.hpp"

#include <algorithm>

namespace smsbcast {

Scopes known_scopes(std::string_view names) {
    Scopes scopes;
    while (!names.empty()) {
        const auto name = names.substr(0, names.find(' '));
        if (const auto scope = parse_scope(name))
            scopes.add(*scope);
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    return scopes;
}

} // namespace smsbcast
