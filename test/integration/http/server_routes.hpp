#pragma once

#include "smsbcast/http/server.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <string>
#include <vector>

namespace smsbcast::test {

using http::Request;
using http::Response;
using http::ResponseFault;
using http::Route;

/// What the routes below have seen.
struct Seen {
    int requests = 0;
    int sinks = 0;
    std::size_t sink_bytes = 0;
    std::size_t largest_piece = 0;
};

/// Answers what it was told: `method path query type body`.
Route echo_route(std::string_view method = "POST", std::string_view path = "/echo", std::size_t max_body = 1000,
                 std::string_view consumes = {});

/// Counts what arrives. Wants no more once it has seen `enough` bytes; answers with the number.
Route sink_route(Seen& seen, std::size_t max_body, std::size_t enough = static_cast<std::size_t>(-1));

/// Throws.
Route broken_route();

/// Answers in the way that the path names: /reset, /truncated, /none.
std::vector<Route> fault_routes();

/// `size` bytes of body.
Route large_route(std::size_t size);

} // namespace smsbcast::test
