#pragma once

#include <string_view>

namespace smsbcast {

/// Whether whoever connects to this host stays on the machine: `localhost`, also with a dot at its end, every spelling
/// of 127.0.0.0/8 and ::1 that a resolver takes, and the unspecified addresses, which lead there too. `host` stands
/// without port and brackets. Looks nothing up: any other name counts as another machine.
bool is_loopback(std::string_view host);

/// Whether a listener at this host is at every address of the machine: the unspecified addresses in every spelling that
/// a resolver takes, such as `0` and `::0`, and no host at all.
bool is_every_address(std::string_view host);

} // namespace smsbcast
