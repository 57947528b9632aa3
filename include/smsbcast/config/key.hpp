#pragma once

#include "smsbcast/config/config.hpp"
#include "smsbcast/config/role.hpp"
#include "smsbcast/config/value.hpp"

#include <span>
#include <string>
#include <string_view>

namespace smsbcast::config {

/// One setting: everything that flags, environment, file, help, `smsbcast config` and the tests know of it.
struct Key {
    std::string_view path; ///< in the file: `section.name`
    std::string_view environment;
    std::string_view default_text;
    Kind kind;
    void (*store)(Config& config, const Value& value); ///< `value` must be of this key's kind
    RoleSet used_by;                                   ///< empty: by `all` only
    std::string_view doc;                              ///< one sentence
    std::string_view own_flag{};                       ///< where the flag is not made of the environment variable
    bool secret = false; ///< never shown; may also be given in a file that `<environment>_FILE` names

    constexpr std::string_view section() const { return path.substr(0, path.find('.')); }
    std::string_view name() const { return path.substr(path.find('.') + 1); }

    /// `--database-pool-size` for DATABASE_POOL_SIZE.
    std::string flag() const;

    /// True for URLs too that are no secret as a whole: what a message or a listing shows of them goes through
    /// mask_password().
    bool may_hold_password() const { return secret || std::holds_alternative<kind::Url>(kind); }
};

/// Every key, section by section. Lives as long as the program.
std::span<const Key> keys() noexcept;

/// Finds a key by its path; null when there is none.
const Key* find_key(std::string_view path) noexcept;

} // namespace smsbcast::config
