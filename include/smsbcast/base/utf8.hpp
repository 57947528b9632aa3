#pragma once

#include <cstddef>
#include <string_view>

namespace smsbcast {

struct Letter {
    char32_t value = 0;
    std::size_t size = 0; ///< in bytes; 0 when the bytes are not UTF-8
};

/// The letter at the head of `text`, which is not empty (RFC 3629: no surrogates, nothing overlong).
Letter first_letter(std::string_view text);

} // namespace smsbcast
