#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::http {

/// The text that `%XX` sequences stand for; nothing when one is broken or stands for NUL. In a query `+` is a space.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

} // namespace smsbcast::http
