#include "smsbcast/base/uuid.hpp"

#include "smsbcast/base/random.hpp"

#include <cstring>

namespace smsbcast {

namespace {

constexpr std::uint64_t kLowBits = (std::uint64_t{1} << 62) - 1;
constexpr std::uint64_t kHighBits = (std::uint64_t{1} << 12) - 1;

void put_big_endian(std::uint8_t* out, std::uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i, value >>= 8)
        out[i] = static_cast<std::uint8_t>(value);
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

constexpr bool is_dash(std::size_t position) {
    return position == 8 || position == 13 || position == 18 || position == 23;
}

} // namespace

// Ids are written by the million, so this is done by a table and not by a formatter.
std::string to_string(const Uuid& id) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text(36, '-');
    std::size_t at = 0;
    for (const auto byte : id.bytes) {
        if (is_dash(at))
            ++at;
        text[at++] = kHex[byte >> 4];
        text[at++] = kHex[byte & 15];
    }
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != 36)
        return std::nullopt;
    Uuid id;
    std::size_t at = 0;
    for (auto& byte : id.bytes) {
        // Only the canonical form is taken. One id in two spellings would be two keys in a map of
        // texts.
        if (is_dash(at) && text[at++] != '-')
            return std::nullopt;
        const int high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        byte = static_cast<std::uint8_t>(high << 4 | low);
        at += 2;
    }
    return id;
}

Timestamp uuid_time(const Uuid& id) {
    std::uint64_t ms = 0;
    // RFC 9562 §5.7: the first 48 bits of version 7 are milliseconds since 1970.
    for (int i = 0; i < 6; ++i)
        ms = ms << 8 | id.bytes[static_cast<std::size_t>(i)];
    return Timestamp(std::chrono::milliseconds(ms));
}

UuidBlock::UuidBlock() : UuidBlock(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())) {}

UuidBlock::UuidBlock(std::chrono::sys_time<std::chrono::milliseconds> time)
    : time_ms_(static_cast<std::uint64_t>(time.time_since_epoch().count())),
      // The top bit of the counter starts at zero, so that a block of any size in use cannot run over.
      high_(random_bits() & (kHighBits >> 1)), low_(random_bits() & kLowBits) {}

Uuid UuidBlock::next() {
    // The step is 1 to 2^32, so ids ascend, as the range of a broadcast demands, and neighbours
    // cannot be guessed.
    low_ += 1 + (random_bits() >> 32);
    // The carry of the lower 62 bits goes into the 12 bits above them.
    high_ += low_ >> 62;
    low_ &= kLowBits;
    Uuid id;
    put_big_endian(id.bytes.data(), time_ms_, 6);
    // Version 7 stands in the top four bits here, the variant (binary 10) in the top two bits of
    // the next part (RFC 9562 §4).
    put_big_endian(id.bytes.data() + 6, 0x7000 | high_, 2);
    put_big_endian(id.bytes.data() + 8, std::uint64_t{1} << 63 | low_, 8);
    return id;
}

Uuid new_uuid() {
    return UuidBlock().next();
}

} // namespace smsbcast

std::size_t std::hash<smsbcast::Uuid>::operator()(const smsbcast::Uuid& id) const noexcept {
    std::uint64_t high = 0, low = 0;
    std::memcpy(&high, id.bytes.data(), 8);
    std::memcpy(&low, id.bytes.data() + 8, 8);
    // The halves of a version 7 id share most bits between neighbours; the multiplication spreads what differs.
    return (high ^ (low * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
}
