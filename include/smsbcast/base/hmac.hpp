#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace smsbcast {

using Sha256 = std::array<std::byte, 32>;

/// HMAC-SHA-256 (RFC 2104, FIPS 180-4), by OpenSSL. Takes about a microsecond for a short text. Threads: any.
Sha256 hmac_sha256(std::string_view key, std::string_view text);

/// Whether both are the same, in a time that does not depend on where they differ.
bool equal_in_constant_time(std::span<const std::byte> one, std::span<const std::byte> other);

} // namespace smsbcast
