#include "smsbcast/runtime/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace smsbcast::runtime {

std::string checksum(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return fmt::format("{:016x}", hash);
}

std::optional<SchemaFault> find_fault(std::span<const Migration> known, const AppliedMigrations& applied) {
    for (const auto& [number, row] : applied) {
        const int wanted = number;
        const auto at = std::find_if(known.begin(), known.end(), [&](const auto& m) { return m.number == wanted; });
        if (at == known.end())
            return SchemaFault{SchemaFault::Kind::too_new, row.name};
        if (row.checksum != checksum(at->text))
            return SchemaFault{SchemaFault::Kind::changed, std::string(at->name)};
    }
    return std::nullopt;
}

std::vector<MigrationState> migration_states(std::span<const Migration> known, const AppliedMigrations& applied) {
    std::vector<MigrationState> states;
    for (const auto& migration : known) {
        const auto at = applied.find(migration.number);
        const bool is_applied = at != applied.end();
        states.push_back({migration.number, std::string(migration.name), is_applied,
                          is_applied && at->second.checksum != checksum(migration.text)});
    }
    return states;
}

} // namespace smsbcast::runtime
