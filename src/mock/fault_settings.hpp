#pragma once

#include "smsbcast/http/problem.hpp"
#include "smsbcast/mock/mock_provider.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace smsbcast::mock {

/// `{"latency_ms":0,…}`: every fault under its name on the wire.
std::string to_json(const MockFaults& faults);

/// `faults` with the members of the JSON object `body` put in, or what is wrong with it: an unknown name, a value out
/// of its bounds, rates of exclusive faults that add up to more than 1.
std::variant<MockFaults, http::Problem> change_faults(const MockFaults& faults, std::string_view body);

} // namespace smsbcast::mock
