#include "smsbcast/base/loopback.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>

namespace smsbcast {

namespace {

bool is_localhost(std::string_view host) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
    return std::ranges::equal(host, std::string_view("localhost"), same);
}

bool is_loopback(const in_addr& address) {
    const auto number = ntohl(address.s_addr);
    return number >> 24U == 127 || number == INADDR_ANY;
}

} // namespace

bool is_every_address(std::string_view host) {
    const std::string text(host.substr(0, host.find('%')));
    if (in_addr v4{}; ::inet_aton(text.c_str(), &v4) != 0)
        return v4.s_addr == INADDR_ANY;
    in6_addr v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1)
        return host.empty();
    const bool is_mapped_any = IN6_IS_ADDR_V4MAPPED(&v6) && std::all_of(v6.s6_addr + 12, v6.s6_addr + 16,
                                                                        [](unsigned char byte) { return byte == 0; });
    return IN6_IS_ADDR_UNSPECIFIED(&v6) || is_mapped_any;
}

bool is_loopback(std::string_view host) {
    if (is_localhost(host.ends_with('.') ? host.substr(0, host.size() - 1) : host))
        return true;
    const std::string text(host.substr(0, host.find('%'))); // without the name of an interface
    // inet_aton and not inet_pton, because resolvers take 127.1 and 0x7f000001 for loopback
    // addresses as well.
    if (in_addr v4{}; ::inet_aton(text.c_str(), &v4) != 0)
        return is_loopback(v4);
    in6_addr v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1)
        return false;
    // ::ffff:127.0.0.1 reaches the same listener as 127.0.0.1 (RFC 4291 §2.5.5.2).
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        in_addr v4{};
        std::copy_n(v6.s6_addr + 12, sizeof v4, reinterpret_cast<unsigned char*>(&v4));
        return is_loopback(v4);
    }
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6);
}

} // namespace smsbcast
