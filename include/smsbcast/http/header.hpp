#pragma once

#include <string_view>

namespace smsbcast::http {

/// One field of a message's head. Whoever passes it keeps the text alive.
struct Header {
    std::string_view name;
    std::string_view value;
};

} // namespace smsbcast::http
