#pragma once

#include "smsbcast/base/timestamp.hpp"
#include "smsbcast/http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::transport {

// The bodies of the routes of a hold: a JSON object, or nothing. Every mistake of one is told.

struct HoldBody {
    std::string because;
};
struct ReleaseBody {
    std::optional<Timestamp> assume_sent_since;
};

std::variant<HoldBody, http::Problem> read_hold(std::string_view body);
std::variant<ReleaseBody, http::Problem> read_release(std::string_view body, Timestamp now);

} // namespace smsbcast::transport
