#include "smsbcast/commands/commands.hpp"

#include <fmt/core.h>

namespace smsbcast::commands {

int print_config(const config::LoadResult& loaded, const config::LoadResult& of_all_roles) {
    fmt::print("{}", config::effective_text(loaded, of_all_roles));
    return 0;
}

} // namespace smsbcast::commands
