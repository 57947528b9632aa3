#pragma once

#include "smsbcast/config/address.hpp"

#include <optional>
#include <string_view>

namespace smsbcast::config {

/// None when the text is not an address; see to_string() for its forms.
std::optional<Address> parse_address(std::string_view text);

} // namespace smsbcast::config
