#pragma once

#include "smsbcast/app/manage_keys.hpp"
#include "smsbcast/http/problem.hpp"

#include <chrono>
#include <string_view>
#include <variant>

namespace smsbcast::transport {

/// The body of POST /api/keys: everything that is wrong with it, in one problem.
std::variant<app::KeyRequest, http::Problem> read_key_request(std::string_view body, Timestamp now);

/// The body of POST /api/keys/{prefix}/rotate; ManageKeys::kDefaultOverlap where it says nothing.
std::variant<std::chrono::milliseconds, http::Problem> read_overlap(std::string_view body);

} // namespace smsbcast::transport
