#include "cursor.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace smsbcast::transport {

namespace {

// list (1), status or 0xff (1), broadcast (16), last (16), checksum of all that (4)
constexpr std::size_t kLastAt = 18;
constexpr std::size_t kChecksumAt = 34;
using Bytes = std::array<std::uint8_t, 38>;
constexpr std::size_t kTextSize = (sizeof(Bytes) * 8 + 5) / 6;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::uint32_t checksum(std::span<const std::uint8_t> bytes) {
    std::uint32_t hash = 0x811c9dc5; // FNV-1a
    for (const auto byte : bytes)
        hash = (hash ^ byte) * 0x01000193;
    return hash;
}

Bytes pack(const CursorScope& scope, const Uuid& last) {
    Bytes bytes{};
    bytes[0] = static_cast<std::uint8_t>(scope.list);
    bytes[1] = scope.status ? static_cast<std::uint8_t>(*scope.status) : 0xff;
    std::ranges::copy(scope.broadcast.value.bytes, bytes.begin() + 2);
    std::ranges::copy(last.bytes, bytes.begin() + kLastAt);
    auto sum = checksum(std::span(bytes).first(kChecksumAt));
    for (auto at = kChecksumAt; at < bytes.size(); ++at, sum >>= 8)
        bytes[at] = static_cast<std::uint8_t>(sum);
    return bytes;
}

std::string to_base64url(const Bytes& bytes) {
    std::string text;
    unsigned held = 0, bits = 0;
    for (const auto byte : bytes) {
        held = held << 8 | byte;
        for (bits += 8; bits >= 6; bits -= 6)
            text.push_back(kAlphabet[held >> (bits - 6) & 63]);
    }
    if (bits > 0)
        text.push_back(kAlphabet[held << (6 - bits) & 63]);
    return text;
}

std::optional<Bytes> from_base64url(std::string_view text) {
    if (text.size() != kTextSize)
        return std::nullopt;
    Bytes bytes{};
    unsigned held = 0, bits = 0;
    std::size_t at = 0;
    for (const char c : text) {
        const auto digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return std::nullopt;
        held = held << 6 | static_cast<unsigned>(digit);
        bits += 6;
        if (bits >= 8 && at < bytes.size()) {
            bits -= 8;
            bytes[at++] = static_cast<std::uint8_t>(held >> bits);
        }
    }
    return bytes;
}

} // namespace

std::string make_cursor(const CursorScope& scope, const Uuid& last) {
    return to_base64url(pack(scope, last));
}

std::optional<Uuid> read_cursor(const CursorScope& scope, std::string_view text) {
    const auto bytes = from_base64url(text);
    if (!bytes)
        return std::nullopt;
    Uuid last;
    std::copy_n(bytes->begin() + kLastAt, last.bytes.size(), last.bytes.begin());
    // Made again and compared whole: the scope, the checksum and the spare bits of the last digit in one.
    if (make_cursor(scope, last) != text)
        return std::nullopt;
    return last;
}

} // namespace smsbcast::transport
