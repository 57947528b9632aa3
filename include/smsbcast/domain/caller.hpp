#pragma once

#include "smsbcast/base/enum_set.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace smsbcast {

/// What a caller may do.
enum class Scope : std::uint8_t {
    broadcasts_write,   ///< `broadcasts:write`: create, pause, resume, cancel
    broadcasts_read,    ///< `broadcasts:read`: broadcasts and messages, with their numbers and texts
    suppressions_write, ///< `suppressions:write`: who must not be written to
    admin,              ///< `admin`: what concerns the installation, such as holding it
};

inline constexpr std::array kScopes{Scope::broadcasts_write, Scope::broadcasts_read, Scope::suppressions_write,
                                    Scope::admin};

std::string_view to_string(Scope scope);

using Scopes = EnumSet<Scope>;

inline constexpr std::string_view kDefaultTenant = "default";

/// Whoever asks for something, as far as it is known. One that was made without a name may do nothing.
struct Caller {
    std::string who;    ///< not a secret: may stand in a log
    std::string tenant; ///< whose broadcasts those are that the caller sees and makes
    Scopes scopes;

    /// Whoever it is, where no one has to say who he is: every scope, of the default tenant.
    static Caller anyone();

    bool may(Scope scope) const { return scopes.contains(scope); }

    friend bool operator==(const Caller&, const Caller&) = default;
};

} // namespace smsbcast
