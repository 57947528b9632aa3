#pragma once

#include "smsbcast/config/value.hpp"

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>

namespace smsbcast::config {

/// The value as the text that flags and variables would give; none when it has the wrong type. Strict, so that a value
/// means the same whichever source it comes from.
std::optional<std::string> text_of(const Kind& kind, const toml::node& node);

/// The TOML type that text_of() wants, in words.
std::string_view type_text(const Kind& kind);

} // namespace smsbcast::config
