#pragma once

#include "smsbcast/base/timestamp.hpp"
#include "smsbcast/domain/caller.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast {

/// What a client shows to say who it is: `sms_<prefix>_<secret>_<check>`, in ASCII letters and digits. The prefix names
/// the key and is no secret. The secret has 256 bits. The check is the CRC-32 of all that stands before it, so that a
/// typing error is known as one without a look into the store, and scanners for leaked secrets find keys and nothing
/// else.
struct KeyToken {
    static constexpr std::size_t kPrefixLength = 10;
    static constexpr std::size_t kSecretLength = 43; // 62^43 > 2^256
    static constexpr std::size_t kCheckLength = 6;

    std::string prefix;
    std::string secret;

    friend bool operator==(const KeyToken&, const KeyToken&) = default;
};

/// A new one, from the kernel's generator.
KeyToken new_key_token();

std::string to_string(const KeyToken& token);

enum class TokenError : std::uint8_t {
    not_a_key, ///< of another form
    mistyped,  ///< the check does not fit
};

std::variant<KeyToken, TokenError> parse_key_token(std::string_view text);

/// Whether the text has the form of a key's prefix.
bool is_key_prefix(std::string_view text);

/// What is kept of a secret: its HMAC-SHA-256 under the pepper. Nobody gets from it to the secret, and who can write
/// into the store but does not know the pepper cannot make a key.
using KeyDigest = std::array<std::byte, 32>;

/// A key as an administrator sees it.
struct ApiKey {
    static constexpr std::size_t kMaxNameChars = 100;

    std::string prefix;
    std::string name;   ///< for people: 1 to kMaxNameChars characters
    std::string tenant; ///< is_tenant()
    Scopes scopes;      ///< one at least
    Timestamp created_at;
    std::optional<Timestamp> expires_at;   ///< from then on it lets nobody in
    std::optional<Timestamp> revoked_at;   ///< since then it lets nobody in
    std::optional<Timestamp> last_used_at; ///< to a minute or so

    friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

/// Whether the key lets anybody in.
bool is_live(const ApiKey& key, Timestamp now);

} // namespace smsbcast
