#pragma once

#include "smsbcast/base/timestamp.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::config {

/// A time of the past as people give it to a command: by RFC 3339, or how long ago it was, such as `2h`. Otherwise what
/// is wrong with it, to be read after the text.
std::variant<Timestamp, std::string> read_since(std::string_view text, Timestamp now);

} // namespace smsbcast::config
