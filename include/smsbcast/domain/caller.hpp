#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace smsbcast {

/// What a caller may be allowed to do. `admin` is no sum of the others.
enum class Scope : std::uint8_t {
    broadcasts_read,    ///< see broadcasts and messages
    broadcasts_write,   ///< create, pause, resume, cancel
    suppressions_write, ///< change who must not be written to
    admin,              ///< the installation itself: hold, release
};

/// Who calls a use case, for whom, and what that one may do there. Every use case of the API is given one and is the
/// place that decides; whoever translates a request only finds out who calls.
class Caller {
public:
    Caller(std::string name, std::string tenant, std::initializer_list<Scope> scopes);

    /// May do everything: whoever reaches an API that asks for no key, and the commands on the machine itself.
    static const Caller& unrestricted();

    const std::string& name() const { return name_; }

    /// Whose broadcasts these are.
    const std::string& tenant() const { return tenant_; }

    bool may(Scope scope) const { return (scopes_ >> static_cast<unsigned>(scope) & 1U) != 0; }

private:
    std::string name_;
    std::string tenant_;
    std::uint8_t scopes_ = 0; // a bit per scope
};

} // namespace smsbcast
