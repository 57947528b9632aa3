#include "smsbcast/domain/caller.hpp"

namespace smsbcast {

std::string_view to_string(Scope scope) {
    switch (scope) {
    case Scope::broadcasts_write: return "broadcasts:write";
    case Scope::broadcasts_read: return "broadcasts:read";
    case Scope::suppressions_write: return "suppressions:write";
    case Scope::admin: return "admin";
    }
    return {};
}

Caller Caller::anyone() {
    Caller caller{"anyone", std::string(kDefaultTenant), {}};
    for (const auto scope : kScopes)
        caller.scopes.add(scope);
    return caller;
}

} // namespace smsbcast
