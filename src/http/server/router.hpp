#pragma once

#include "smsbcast/http/server.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::http {

/// Finds the route of a method and a path. Segments are compared after percent-decoding, so an encoded slash never
/// splits an argument.
class Router {
public:
    enum class Outcome { found, not_found, wrong_method, malformed };

    struct Match {
        Outcome outcome = Outcome::not_found;
        const Route* route = nullptr;
        std::vector<std::string> arguments;
        std::string allow; ///< the methods that the path takes, for `wrong_method`
    };

    explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

    /// Those that match() finds, which stay where they are.
    const std::vector<Route>& routes() const { return routes_; }

    /// `path` is as sent, without the query.
    Match match(std::string_view method, std::string_view path) const;

private:
    const Route* literal(std::string_view method, std::string_view path) const;

    std::vector<Route> routes_;
};

} // namespace smsbcast::http
