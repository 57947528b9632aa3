#include "credentials.hpp"

#include <algorithm>
#include <string_view>

namespace smsbcast::transport {

namespace {

constexpr std::string_view kScheme = "bearer ";

bool equal_in_any_case(std::string_view text, std::string_view lower) {
    return std::ranges::equal(
        text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 32) : a) == b; });
}

} // namespace

std::optional<std::string_view> bearer_token(std::string_view value) {
    if (!equal_in_any_case(value.substr(0, kScheme.size()), kScheme))
        return std::nullopt;
    value.remove_prefix(kScheme.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
}

std::variant<KeyToken, CredentialsError> read_credentials(std::span<const http::Header> headers) {
    const std::string_view* value = nullptr;
    for (const auto& header : headers) {
        if (!equal_in_any_case(header.name, "authorization"))
            continue;
        if (value)
            return CredentialsError::several;
        value = &header.value;
    }
    if (!value)
        return CredentialsError::missing;
    const auto text = bearer_token(*value);
    if (!text)
        return CredentialsError::not_a_key;
    auto token = parse_key_token(*text);
    if (auto* key = std::get_if<KeyToken>(&token))
        return std::move(*key);
    return std::get<TokenError>(token) == TokenError::mistyped ? CredentialsError::mistyped
                                                               : CredentialsError::not_a_key;
}

} // namespace smsbcast::transport
