#include "smsbcast/domain/api_key.hpp"

#include "smsbcast/base/random.hpp"

#include <boost/crc.hpp>

#include <algorithm>

namespace smsbcast {

namespace {

constexpr std::string_view kStart = "sms_";
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kCheckedLength = kStart.size() + KeyToken::kPrefixLength + 1 + KeyToken::kSecretLength;
constexpr std::size_t kTokenLength = kCheckedLength + 1 + KeyToken::kCheckLength;

bool is_base62(std::string_view text) {
    return text.find_first_not_of(kDigits) == std::string_view::npos;
}

// Bytes from 248 on are drawn again, since 256 is no multiple of 62 and some digits would come more often.
std::string random_base62(std::size_t length) {
    constexpr auto kFair = static_cast<unsigned>(256 / kDigits.size() * kDigits.size());
    std::string text;
    while (text.size() < length) {
        std::array<std::byte, 64> drawn{};
        fill_random(drawn);
        for (const auto byte : drawn)
            if (const auto value = std::to_integer<unsigned>(byte); value < kFair && text.size() < length)
                text += kDigits[value % kDigits.size()];
    }
    return text;
}

std::string check_of(std::string_view checked) {
    boost::crc_32_type crc;
    crc.process_bytes(checked.data(), checked.size());
    std::string text(KeyToken::kCheckLength, kDigits.front()); // 62^6 > 2^32
    auto rest = crc.checksum();
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, rest /= kDigits.size())
        *digit = kDigits[rest % kDigits.size()];
    return text;
}

} // namespace

KeyToken new_key_token() {
    return {random_base62(KeyToken::kPrefixLength), random_base62(KeyToken::kSecretLength)};
}

std::string to_string(const KeyToken& token) {
    auto text = std::string(kStart).append(token.prefix).append("_").append(token.secret);
    const auto check = check_of(text);
    return text.append("_").append(check);
}

std::variant<KeyToken, TokenError> parse_key_token(std::string_view text) {
    constexpr auto kSecretAt = kStart.size() + KeyToken::kPrefixLength + 1;
    if (text.size() != kTokenLength || !text.starts_with(kStart) || text[kSecretAt - 1] != '_' ||
        text[kCheckedLength] != '_')
        return TokenError::not_a_key;
    const auto prefix = text.substr(kStart.size(), KeyToken::kPrefixLength);
    const auto secret = text.substr(kSecretAt, KeyToken::kSecretLength);
    const auto check = text.substr(kCheckedLength + 1);
    if (!is_base62(prefix) || !is_base62(secret) || !is_base62(check))
        return TokenError::not_a_key;
    if (check != check_of(text.substr(0, kCheckedLength)))
        return TokenError::mistyped;
    return KeyToken{std::string(prefix), std::string(secret)};
}

bool is_key_prefix(std::string_view text) {
    return text.size() == KeyToken::kPrefixLength && is_base62(text);
}

bool is_live(const ApiKey& key, Timestamp now) {
    return !key.revoked_at && (!key.expires_at || now < *key.expires_at);
}

} // namespace smsbcast
