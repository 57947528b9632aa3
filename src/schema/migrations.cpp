#include "smsbcast/schema/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace smsbcast::schema {

// FNV-1a (offset basis and prime of its 64-bit form). The text is fed byte by byte, so a file with
// other line ends has another checksum.
std::string checksum(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return fmt::format("{:016x}", hash);
}

namespace {

using Standing = MigrationState::Standing;

const Migration* find(std::span<const Migration> known, int number) {
    const auto at = std::ranges::find(known, number, &Migration::number);
    return at == known.end() ? nullptr : &*at;
}

Standing standing(std::span<const Migration> known, int number, const AppliedMigration& applied) {
    // A migration that this program knows is judged by its text: the same number with another text
    // means that two histories have met.
    if (const auto* const migration = find(known, number))
        return applied.checksum == checksum(migration->text) ? Standing::applied : Standing::changed;
    // The newer program has said itself beside which older ones its change may stand. Releases that
    // did not say so are taken at their worst.
    const bool compatible = applied.compatible_with && *applied.compatible_with <= known.back().number;
    return compatible ? Standing::newer_compatible : Standing::newer;
}

} // namespace

std::optional<SchemaFault> find_fault(std::span<const Migration> known, const AppliedMigrations& applied) {
    // Migrations that are missing are no fault here: whoever may migrate applies them, and the
    // others find a schema that is too old.
    for (const auto& [number, row] : applied) {
        const auto found = standing(known, number, row);
        if (found == Standing::newer)
            return SchemaFault{SchemaFault::Kind::too_new, row.name};
        if (found == Standing::changed)
            return SchemaFault{SchemaFault::Kind::changed, row.name};
    }
    return std::nullopt;
}

std::string_view to_string(MigrationState::Standing standing) noexcept {
    switch (standing) {
    case Standing::pending: return "pending";
    case Standing::applied: return "applied";
    case Standing::changed: return "changed";
    case Standing::newer_compatible: return "newer, compatible";
    case Standing::newer: return "newer";
    }
    return "";
}

std::vector<MigrationState> migration_states(std::span<const Migration> known, const AppliedMigrations& applied) {
    std::vector<MigrationState> states;
    for (const auto& migration : known)
        if (!applied.contains(migration.number))
            states.push_back({migration.number, std::string(migration.name), Standing::pending});
    for (const auto& [number, row] : applied)
        states.push_back({number, row.name, standing(known, number, row)});
    std::ranges::sort(states, {}, &MigrationState::number);
    return states;
}

} // namespace smsbcast::schema
