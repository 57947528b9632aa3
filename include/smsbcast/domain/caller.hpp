#pragma once

#include "smsbcast/base/enum_set.hpp"

#include <array>
#include <cstdint>
#include <optional>
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

/// The names above. parse gives nothing for any other text.
std::string_view to_string(Scope scope);
std::optional<Scope> parse_scope(std::string_view text);

using Scopes = EnumSet<Scope>;

/// The names of the scopes with a space between two, in the order of the enum (RFC 6749 §3.3).
std::string to_string(const Scopes& scopes);

/// Takes such a list in any order, with commas or spaces. Nothing when one of them is no scope.
std::optional<Scopes> parse_scopes(std::string_view text);

inline constexpr std::string_view kDefaultTenant = "default";

/// A tenant is named by 1 to 64 lower-case letters, digits, `-` and `_`.
bool is_tenant(std::string_view text);

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
