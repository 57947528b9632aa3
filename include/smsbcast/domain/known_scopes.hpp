#pragma once

#include "smsbcast/domain/caller.hpp"

#include <string_view>

namespace smsbcast {

/// The scopes of a stored list, as to_string() writes it. A newer release may have written names that this one does not
/// know: they are left out, so that the key goes on allowing the rest.
Scopes known_scopes(std::string_view names);

} // namespace smsbcast
