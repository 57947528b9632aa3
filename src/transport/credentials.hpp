#pragma once

#include "smsbcast/domain/api_key.hpp"
#include "smsbcast/http/header.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace smsbcast::transport {

enum class CredentialsError : std::uint8_t {
    missing,
    several,   ///< more than one Authorization field
    not_a_key, ///< of another scheme than Bearer, or no key of ours
    mistyped,  ///< nearly a key of ours
};

/// What stands behind the scheme Bearer in the value of an Authorization field; the scheme's name may be in any case
/// (RFC 9110 §11.1). Nothing where the scheme is another one. Pure.
std::optional<std::string_view> bearer_token(std::string_view value);

/// The API key in the head of a request, by RFC 6750 §2.1. Pure.
std::variant<KeyToken, CredentialsError> read_credentials(std::span<const http::Header> headers);

} // namespace smsbcast::transport
