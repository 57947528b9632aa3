#include "smsbcast/base/utf8.hpp"

#include <cstdint>

namespace smsbcast {

// Unicode 15, table 3-7 (well-formed UTF-8 byte sequences). The second byte has narrower bounds
// after E0, ED, F0 and F4: that is what excludes overlong forms, surrogates, and values beyond
// U+10FFFF.
Letter first_letter(std::string_view text) {
    const auto at = [&](std::size_t n) { return n < text.size() ? static_cast<std::uint8_t>(text[n]) : 0; };
    const auto in = [](std::uint8_t byte, std::uint8_t low, std::uint8_t high) { return byte >= low && byte <= high; };
    const auto tail = [&](std::size_t n) { return in(at(n), 0x80, 0xBF); };
    const auto bits = [&](std::size_t n) { return static_cast<char32_t>(at(n) & 0x3FU); };
    const std::uint8_t lead = at(0);
    if (lead < 0x80)
        return {lead, 1};
    if (in(lead, 0xC2, 0xDF) && tail(1))
        return {(lead & 0x1FU) << 6U | bits(1), 2};
    if (in(lead, 0xE0, 0xEF)) {
        const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
        if (in(at(1), low, high) && tail(2))
            return {(lead & 0x0FU) << 12U | bits(1) << 6U | bits(2), 3};
    }
    if (in(lead, 0xF0, 0xF4)) {
        const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
        if (in(at(1), low, high) && tail(2) && tail(3))
            return {(lead & 0x07U) << 18U | bits(1) << 12U | bits(2) << 6U | bits(3), 4};
    }
    return {};
}

} // namespace smsbcast
