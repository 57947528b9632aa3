#include "address.hpp"

#include "smsbcast/base/loopback.hpp"

#include <algorithm>
#include <charconv>

namespace smsbcast::config {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return port;
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; });
}

/// An IPv6 address, loosely: the resolver has the last word. `%` starts the name of an interface (fe80::1%eth0).
bool is_ipv6(std::string_view text) {
    return text.find(':') != std::string_view::npos &&
           std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == ':' || c == '.' || c == '%'; });
}

} // namespace

std::optional<Address> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const auto port = parse_port(text.substr(colon + 1));
    std::string_view host = text.substr(0, colon);
    if (!port)
        return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
        return is_ipv6(host) ? std::optional{Address{std::string{host}, *port}} : std::nullopt;
    }
    return is_host(host) ? std::optional{Address{std::string{host}, *port}} : std::nullopt;
}

RoleAddresses::RoleAddresses() {
    for (const RoleTraits& role : kRoles)
        (*this)[role.role] = parse_address(role.address.default_text).value();
}

std::string to_string(const Address& address) {
    const bool brackets = address.host.find(':') != std::string::npos;
    return (brackets ? '[' + address.host + ']' : address.host) + ':' + std::to_string(address.port);
}

bool listens_everywhere(const Address& address) {
    return is_every_address(address.host);
}

bool listens_here_alone(const Address& address) {
    return !listens_everywhere(address) && is_loopback(address.host);
}

Address reachable_here(const Address& address) {
    return {listens_everywhere(address) ? "127.0.0.1" : address.host, address.port};
}

} // namespace smsbcast::config
