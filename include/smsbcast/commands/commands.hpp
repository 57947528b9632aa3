#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/load.hpp"

#include <optional>
#include <string>

/// What the commands do that run no role. Each blocks, prints what became of it, and returns the exit code.
namespace smsbcast::commands {

/// `smsbcast migrate`: brings the schema up. Throws std::runtime_error with the reason why it could not.
int migrate_up(const config::Config& config);

/// `smsbcast migrate status`: prints a line per migration. Throws likewise.
int migrate_status(const config::Config& config);

/// `smsbcast hold`: nothing goes out any more; says so and how to go on. Throws likewise.
int hold(const std::optional<std::string>& because, const config::LoadResult& loaded);

/// `smsbcast release`, with `--assume-sent SINCE`: a time by RFC 3339 or how long ago. Throws likewise.
int release(const std::optional<std::string>& assume_sent, const config::LoadResult& loaded);

/// A key that is to be made, as the command line gives it.
struct KeyOrder {
    std::string name, scopes;
    std::optional<std::string> tenant, expires_at;
};

/// `smsbcast key create`: prints the key on standard output, alone, and what it is on standard error. 2 with a line for
/// each mistake. Throws likewise; so do the others.
int create_key(const KeyOrder& order, const config::LoadResult& loaded);

/// `smsbcast key list`: prints a line per key.
int list_keys(const config::LoadResult& loaded);

/// `smsbcast key revoke PREFIX`. Takes a whole key too, for one that was found somewhere.
int revoke_key(const std::string& prefix, const config::LoadResult& loaded);

/// `smsbcast key rotate PREFIX [--overlap DURATION]`: prints the successor as create_key() does.
int rotate_key(const std::string& prefix, const std::optional<std::string>& overlap, const config::LoadResult& loaded);

/// `smsbcast health [URL]`: 0 when whoever listens there answers ready. Without a URL every role's configured address
/// on this machine is asked, the mock's while no PROVIDER_URL is given: 0 when at least one answers, and all that
/// answer are ready, and so are those that run in one process with them. Prints a line a role then, on standard error
/// when something is wrong.
int check_health(const std::optional<std::string>& url, const config::Config& config);

/// `smsbcast config`: prints the effective configuration of every role, its secrets masked. Mistakes in what only some
/// roles need are part of what it prints.
int print_config(const config::LoadResult& loaded, const config::LoadResult& of_all_roles);

} // namespace smsbcast::commands
