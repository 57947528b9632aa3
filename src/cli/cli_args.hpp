#pragma once

#include "smsbcast/config/load.hpp"
#include "smsbcast/config/role.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace smsbcast::cli {

/// What the command line says of the configuration: two of the three config::Sources.
struct Options {
    config::Flags flags; ///< as given; config::load() checks the values
    std::optional<std::filesystem::path> config_file;
};

struct RunRoles {
    std::vector<config::Role> roles; ///< all of them, in the order of kAllRoles, for `all`
    Options options;
};

struct Migrate {
    enum class What { up, status };
    What what;
    Options options;
};

struct HoldIt {
    std::optional<std::string> because;
    Options options;
};

struct ReleaseIt {
    std::optional<std::string> assume_sent; ///< as given
    Options options;
};

/// `smsbcast key create | list | revoke | rotate`. Texts are as given; the command checks them.
struct CreateKey {
    std::string name, scopes;
    std::optional<std::string> tenant, expires_at;
};
struct ListKeys {};
struct RevokeKey {
    std::string prefix;
};
struct RotateKey {
    std::string prefix;
    std::optional<std::string> overlap;
};

struct Keys {
    std::variant<CreateKey, ListKeys, RevokeKey, RotateKey> what;
    Options options;
};

struct PrintConfig {
    Options options;
};

struct Health {
    std::optional<std::string> url;
    Options options;
};

struct Version {};

/// Nothing is to be done but to print `text`, on standard output for code 0 and on standard error otherwise.
struct Exit {
    int code; ///< 0: help was asked for; 2: wrong usage
    std::string text;
};

using Action = std::variant<RunRoles, Migrate, HoldIt, ReleaseIt, Keys, PrintConfig, Health, Version, Exit>;

/// What the command line asks for. Reads and writes nothing else.
Action parse(int argc, const char* const* argv);

} // namespace smsbcast::cli
