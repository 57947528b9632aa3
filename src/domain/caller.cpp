#include "smsbcast/domain/caller.hpp"

#include <utility>

namespace smsbcast {

Caller::Caller(std::string name, std::string tenant, std::initializer_list<Scope> scopes)
    : name_(std::move(name)), tenant_(std::move(tenant)) {
    for (const auto scope : scopes)
        scopes_ |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(scope));
}

const Caller& Caller::unrestricted() {
    using enum Scope;
    static const Caller caller("unrestricted", "default",
                               {broadcasts_read, broadcasts_write, suppressions_write, admin});
    return caller;
}

} // namespace smsbcast
