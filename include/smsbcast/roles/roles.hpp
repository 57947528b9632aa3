#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/load.hpp"
#include "smsbcast/config/role.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
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

/// `smsbcast migrate`: brings the schema up; returns the exit code. Throws std::runtime_error with the reason why not.
int migrate_up(const config::Config& config);

/// `smsbcast migrate status`: prints a line per migration; returns the exit code. Throws likewise.
int migrate_status(const config::Config& config);

/// `smsbcast hold`: nothing goes out any more; says so and how to go on. Returns the exit code. Throws likewise.
int hold(const std::optional<std::string>& because, const config::LoadResult& loaded);

/// `smsbcast release`, with `--assume-sent SINCE`: a time by RFC 3339 or how long ago. Throws likewise.
int release(const std::optional<std::string>& assume_sent, const config::LoadResult& loaded);

/// `smsbcast health [URL]`: 0 when whoever listens there answers ready. Without a URL every role's configured address
/// on this machine is asked, the mock's while no PROVIDER_URL is given: 0 when at least one answers, and all that
/// answer are ready, and so are those that run in one process with them. Prints a line a role then, on standard error
/// when something is wrong.
int check_health(const std::optional<std::string>& url, const config::Config& config);

} // namespace smsbcast::roles
