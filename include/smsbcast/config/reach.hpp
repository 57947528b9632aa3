#pragma once

#include "smsbcast/config/config.hpp"

namespace smsbcast::config {

/// The provider is another machine, and is told to post receipts to its own loopback address: none will come, unless
/// what stands at PROVIDER_URL is on this machine after all.
bool receipts_would_go_astray(const Config& config);

} // namespace smsbcast::config
