#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace smsbcast::config {

/// A copy of the environment variables, so that a test can bring its own. Nothing else in the program reads them.
class Environment {
public:
    using Variables = std::map<std::string, std::string, std::less<>>;

    Environment() = default;
    explicit Environment(Variables variables) : variables_(std::move(variables)) {}

    /// Reads the variables of this process, as they are now.
    static Environment of_process();

    /// None when the variable is not there or empty: compose files pass `${X:-}` for what was not set.
    std::optional<std::string_view> find(std::string_view name) const;

private:
    Variables variables_;
};

} // namespace smsbcast::config
