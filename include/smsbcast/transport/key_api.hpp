#pragma once

#include "smsbcast/app/manage_keys.hpp"
#include "smsbcast/http/server.hpp"

#include <chrono>
#include <vector>

namespace smsbcast::transport {

using runtime::Awaitable;

/// `/api/keys`, for callers with the scope `admin`:
///
/// `POST /api/keys` `{"name","scopes":[…],"tenant"?,"expires_at"?}` → 201 with the key and its `token`, which is shown
/// this once. `GET /api/keys?limit=&cursor=`, `GET /api/keys/{prefix}`: keys without their secrets. `DELETE
/// /api/keys/{prefix}` ends a key, and gives it. `POST /api/keys/{prefix}/rotate` `{"overlap_seconds"?}` → 201 with a
/// successor. Belongs to the shard of the use case; must outlive its routes.
class KeyApi {
public:
    explicit KeyApi(app::ManageKeys& keys, std::chrono::milliseconds store_timeout = std::chrono::seconds(5))
        : keys_(keys), store_timeout_(store_timeout) {}

    std::vector<http::Route> routes();

private:
    Awaitable<http::Response> create(const http::Request& request);
    Awaitable<http::Response> list(const http::Request& request);
    Awaitable<http::Response> show(const http::Request& request);
    Awaitable<http::Response> revoke(const http::Request& request);
    Awaitable<http::Response> rotate(const http::Request& request);

    Deadline soon() const { return Deadline::after(store_timeout_); }

    app::ManageKeys& keys_;
    std::chrono::milliseconds store_timeout_;
};

} // namespace smsbcast::transport
