#pragma once

#include <string_view>

namespace smsbcast {

/// Whether whoever connects to this host stays on the machine: `localhost`, also with a dot at its end, every spelling
/// of 127.0.0.0/8 and ::1 that a resolver takes, and the unspecified addresses, which lead there too. `host` stands
/// without port and brackets. Looks nothing up: any other name counts as another machine.
bool is_loopback(std::string_view host);

} // namespace smsbcast
