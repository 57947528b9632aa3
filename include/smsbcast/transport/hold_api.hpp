#pragma once

#include "smsbcast/app/hold_installation.hpp"
#include "smsbcast/http/server.hpp"

#include <chrono>
#include <vector>

namespace smsbcast::transport {

using runtime::Awaitable;

struct HoldApiOptions {
    std::chrono::milliseconds resolve_within{60 * 60 * 1000}; ///< for what is assumed sent
    std::chrono::milliseconds store_timeout{5000};
};

/// `GET /api/hold`, `POST /api/hold` `{"because"?}`: `{"held","since","because"}`. `POST /api/release`
/// `{"assume_sent_since"?}`: `{"held","assumed_sent"}`; a large release goes on with the next call while `held` is
/// true. Belongs to the shard of its store; must outlive its routes.
class HoldApi {
public:
    HoldApi(Installation& installation, HoldApiOptions options) : holding_(installation), options_(options) {}

    std::vector<http::Route> routes();

private:
    Awaitable<http::Response> show(const http::Request& request);
    Awaitable<http::Response> hold(const http::Request& request);
    Awaitable<http::Response> release(const http::Request& request);

    Deadline soon() const { return Deadline::after(options_.store_timeout); }

    app::HoldInstallation holding_;
    HoldApiOptions options_;
};

} // namespace smsbcast::transport
