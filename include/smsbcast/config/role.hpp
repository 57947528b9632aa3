#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace smsbcast::config {

/// A part of the system that can run as a process of its own.
enum class Role : std::uint8_t { api, outbox, worker, dlr, mock_provider };

/// Every role, in the order in which a message passes them.
inline constexpr std::array kAllRoles{Role::api, Role::outbox, Role::worker, Role::dlr, Role::mock_provider};

/// The word of the command line: `mock-provider` for Role::mock_provider.
std::string_view to_string(Role role) noexcept;

class RoleSet {
public:
    constexpr RoleSet() = default;
    constexpr RoleSet(std::initializer_list<Role> roles) {
        for (const Role role : roles)
            bits_ |= bit(role);
    }

    constexpr bool empty() const { return bits_ == 0; }
    constexpr bool contains(Role role) const { return (bits_ & bit(role)) != 0; }

private:
    static constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }

    unsigned bits_ = 0;
};

} // namespace smsbcast::config
