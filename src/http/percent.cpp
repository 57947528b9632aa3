#include "smsbcast/http/percent.hpp"

#include <charconv>

namespace smsbcast::http {

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '+' && plus_is_space) {
            decoded.push_back(' ');
        } else if (text[at] != '%') {
            decoded.push_back(text[at]);
        } else {
            if (text.size() - at < 3)
                return std::nullopt;
            unsigned char byte = 0;
            const char* const digits = text.data() + at + 1;
            const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
            if (error != std::errc{} || end != digits + 2 || byte == 0)
                return std::nullopt;
            decoded.push_back(static_cast<char>(byte));
            at += 2;
        }
    }
    return decoded;
}

} // namespace smsbcast::http
