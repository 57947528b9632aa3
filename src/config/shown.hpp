#pragma once

#include "smsbcast/config/value.hpp"

#include <string>
#include <string_view>

namespace smsbcast::config {

/// A value in a message, on one line whatever is in it.
std::string printable(std::string_view text);

/// How `smsbcast config` shows a value: as it was given, but for what TOML would not take as a number.
std::string shown_text(const Kind& kind, std::string_view text, const Value& value);

/// What shown_text() gave, as TOML.
std::string toml_text(const Kind& kind, std::string_view shown);

} // namespace smsbcast::config
