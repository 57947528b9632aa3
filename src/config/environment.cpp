#include "smsbcast/config/environment.hpp"

#include <unistd.h> // environ

namespace smsbcast::config {

Environment Environment::of_process() {
    Variables variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return Environment{std::move(variables)};
}

std::optional<std::string_view> Environment::find(std::string_view name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end() || found->second.empty())
        return std::nullopt;
    return found->second;
}

} // namespace smsbcast::config
