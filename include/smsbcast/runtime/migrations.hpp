#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::runtime {

/// One file of sql/<dialect>, embedded by the build.
struct Migration {
    int number;
    std::string_view name; ///< `001_foundation`
    std::string_view text;
};

/// What `schema_migrations` says of one that was applied.
struct AppliedMigration {
    std::string name, checksum;
};
using AppliedMigrations = std::map<int, AppliedMigration>; ///< by number

/// FNV-1a, 64 bits, as 16 hexadecimal digits: this tells an accident, not an attack.
std::string checksum(std::string_view text);

/// Why a schema is not one that this program may work on, or bring up to date.
struct SchemaFault {
    enum class Kind {
        too_new, ///< a migration was applied that this program does not know
        changed, ///< the text of a migration is not the one that was applied
    } kind;
    std::string migration;
};

/// `known` ascends by number.
std::optional<SchemaFault> find_fault(std::span<const Migration> known, const AppliedMigrations& applied);

/// One row of `migrate status`.
struct MigrationState {
    int number = 0;
    std::string name;
    bool applied = false;
    bool changed = false; ///< the file is not the one that was applied
};

std::vector<MigrationState> migration_states(std::span<const Migration> known, const AppliedMigrations& applied);

} // namespace smsbcast::runtime
