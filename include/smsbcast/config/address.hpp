#pragma once

#include "smsbcast/config/role.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace smsbcast::config {

/// Where a role listens.
struct Address {
    std::string host;       ///< empty: every interface; an IPv6 address stands without its brackets
    std::uint16_t port = 0; ///< 0: any free port

    bool operator==(const Address&) const = default;
};

/// Where each role listens: at first where the table of roles says.
class RoleAddresses {
public:
    RoleAddresses();

    Address& operator[](Role role) { return addresses_[static_cast<std::size_t>(role)]; }
    const Address& operator[](Role role) const { return addresses_[static_cast<std::size_t>(role)]; }

    bool operator==(const RoleAddresses&) const = default;

private:
    std::array<Address, kRoles.size()> addresses_;
};

/// `:8080`, `host:8080` or `[::1]:8080`.
std::string to_string(const Address& address);

bool listens_everywhere(const Address& address);

/// Nobody on another machine reaches it.
bool listens_here_alone(const Address& address);

/// Where somebody on the same machine reaches who listens there: at the loopback address, if that is everywhere.
Address reachable_here(const Address& address);

} // namespace smsbcast::config
