#pragma once

#include "smsbcast/base/timestamp.hpp"
#include "smsbcast/transport/problem.hpp"

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

std::variant<HoldBody, Problem> read_hold(std::string_view body);
std::variant<ReleaseBody, Problem> read_release(std::string_view body, Timestamp now);

} // namespace smsbcast::transport
