#pragma once

#include <cstdint>
#include <string>

namespace smsbcast::config {

/// Where a role listens.
struct Address {
    std::string host;       ///< empty: every interface; an IPv6 address stands without its brackets
    std::uint16_t port = 0; ///< 0: any free port

    bool operator==(const Address&) const = default;
};

/// `:8080`, `host:8080` or `[::1]:8080`.
std::string to_string(const Address& address);

bool listens_everywhere(const Address& address);

/// Where somebody on the same machine reaches who listens there: at the loopback address, if that is everywhere.
Address reachable_here(const Address& address);

} // namespace smsbcast::config
