#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::schema {

/// One file of sql/<dialect>, embedded by the build.
struct Migration {
    int number;
    int compatible_with; ///< a program that knows the migrations up to this one works on after it; `number`: none does
    std::string_view name; ///< `001_foundation`
    std::string_view text;
};

/// The row of `schema_migrations` of one that was applied.
struct AppliedMigration {
    std::string name, checksum;
    std::optional<int> compatible_with{}; ///< absent for those of the releases that did not say
};
using AppliedMigrations = std::map<int, AppliedMigration>; ///< by number

/// FNV-1a, 64 bits, as 16 hexadecimal digits. It shows an accident, not an attack.
std::string checksum(std::string_view text);

/// The reason why a schema is not one that this program may work on, or bring up to date.
struct SchemaFault {
    enum class Kind {
        too_new, ///< a migration was applied that this program neither knows nor can work beside
        changed, ///< the text of a migration is not the one that was applied
    } kind;
    std::string migration;
};

/// Nothing when the schema may be worked on or brought up to date. `known` ascends by number and is
/// not empty. Pure.
std::optional<SchemaFault> find_fault(std::span<const Migration> known, const AppliedMigrations& applied);

/// One row of `migrate status`.
struct MigrationState {
    enum class Standing {
        pending,
        applied,
        changed,          ///< the file is not the one that was applied
        newer_compatible, ///< of a newer program, beside which this one works on
        newer,            ///< of a newer program, and this one must not work on it
    };

    int number = 0;
    std::string name;
    Standing standing = Standing::pending;
};

std::string_view to_string(MigrationState::Standing standing) noexcept;

/// The migrations that are known, and those that were applied by a newer program, by number.
std::vector<MigrationState> migration_states(std::span<const Migration> known, const AppliedMigrations& applied);

} // namespace smsbcast::schema
