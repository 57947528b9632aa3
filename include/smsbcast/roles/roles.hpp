#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/role.hpp"

#include <span>
#include <string>
#include <vector>

namespace smsbcast::roles {

/// What keeps the addresses that these roles use from being used, one sentence each; more than the configuration can
/// tell, since it asks those who will use them. Connects to nothing.
std::vector<std::string> address_mistakes(std::span<const config::Role> roles, const config::Config& config);

/// Runs those of these roles that config::started() names in one process, each on a thread of its own, until a signal;
/// returns the exit code. The order is
/// that in which a message passes them; they start from its end, so that whoever gets work finds the next one there.
/// The last line of the log is `stopped`, at `error` when the code is not 0.
/// Throws std::runtime_error with a sentence when the embedded store cannot be opened.
int run(std::span<const config::Role> roles, const config::Config& config);

} // namespace smsbcast::roles
