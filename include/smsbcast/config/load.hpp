#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/environment.hpp"
#include "smsbcast/config/key.hpp"
#include "smsbcast/config/list.hpp"
#include "smsbcast/config/role.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::config {

/// Values of the command line, by Key::path.
using Flags = std::map<std::string, std::string, std::less<>>;

/// Where settings come from, strongest first; below all three stands the default.
struct Sources {
    Flags flags;
    Environment environment;
    std::optional<std::filesystem::path> file; ///< none: the file that SMSBCAST_CONFIG names, if it names one
};

enum class Source { defaults, file, environment, flag };

/// Where the effective value of a key came from, and how it may be shown.
struct Origin {
    const Key* key;
    Source source = Source::defaults;
    std::string name;  ///< the path of the file, the variable, the flag; empty for a default
    std::string shown; ///< the text as it was given, or what is in its place in `all`; passwords masked
};

/// `default`, `file smsbcast.toml`, `environment HTTP_ADDR` or `flag --http-addr`.
std::string to_string(const Origin& origin);

struct LoadResult {
    Config config;                     ///< usable only when there are no mistakes
    std::vector<Origin> origins;       ///< one a key, in the order of keys()
    std::vector<Element> elements;     ///< of lists, in the order of the file
    std::vector<std::string> mistakes; ///< all of them, a line each; never holds a secret

    /// True when any source gave the key its value, be it the same as the default. `path` must name a key.
    bool given(std::string_view path) const;
};

/// Reads every source and checks every value, those too that a stronger source overrides.
///
/// Unknown keys of the file are mistakes; unknown variables are not, since the environment is shared with others. For
/// a secret key X, the variable X_FILE may name a file that holds the value (one trailing newline is dropped); having
/// both is a mistake.
///
/// @param roles what this process is going to run; none for commands that run no role. Two of them must not listen on
///   the same address. `mock-provider` alone listens on HTTP_ADDR, as flag or variable, when its own key is not given.
///   Of several roles, provider and webhook are where this process has them, and health checks and the mock are
///   answered on the loopback address, unless their own keys say otherwise. Without roles, as for `migrate`, the store
///   is the embedded one when only its file is given.
/// @param known the lists that the file may hold; they must live as long as the result
/// Reads files; keeps nothing open. Does not throw on any content.
LoadResult load(const Sources& sources, std::span<const Role> roles = {}, std::span<const List> known = lists());

/// Gives those of `roles` that are started: next to others the mock stands in for the provider, so only while no
/// PROVIDER_URL was given.
std::vector<Role> started(std::span<const Role> roles, const Config& config);

/// One line a key, `section.name = value  # from SOURCE`, then the elements of lists; passwords masked, and behind it
/// what `all` makes of what was not given where that differs; TOML again, except for the masks. Of database.url and
/// database.data, which exclude each other, the one that is not used is a comment.
/// @param result loaded for no role
/// @param of_all the same sources loaded for all roles
std::string effective_text(const LoadResult& result, const LoadResult& of_all);

} // namespace smsbcast::config
