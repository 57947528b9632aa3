#pragma once

#include <string_view>

/// Hooks of the chaos build (cmake -DSMSBCAST_CHAOS=ON; test/chaos/README.md). In every other build they are nothing:
/// the calls vanish, and no variable of the environment is looked at.
namespace smsbcast::chaos {

#ifdef SMSBCAST_CHAOS

/// A place at which the process can be made to end, stop or linger: SMSBCAST_FAILPOINT=PLACE=ACTION[:MS][@HIT] with
/// kill, stop or sleep, so long after it came here for the HITth time (1). Any thread; that one waits meanwhile.
void failpoint(std::string_view place);

/// Whether SMSBCAST_MUTANT asks for this defect.
bool mutant(std::string_view name);

/// The text of this store's statement of this name, with the defect that SMSBCAST_MUTANT asks for. Lives for ever.
const char* statement_text(std::string_view store, std::string_view name, const char* text);

#else

constexpr void failpoint(std::string_view) {}
constexpr bool mutant(std::string_view) {
    return false;
}
constexpr const char* statement_text(std::string_view, std::string_view, const char* text) {
    return text;
}

#endif

} // namespace smsbcast::chaos
