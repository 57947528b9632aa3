#pragma once

#include "smsbcast/transport/http_server.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast::transport {

/// What a role needs to do its work, and whether it is there. Belongs to one shard.
class Readiness {
public:
    /// A check that was never set does not count. `reason` is shown to whoever asks, so it holds no address and no
    /// secret; ignored when `ok`.
    void set(std::string name, bool ok, std::string reason = {});

    /// Not ready from now on: the role goes down, and load balancers should look elsewhere.
    void stop() { stopping_ = true; }

    bool ready() const;

    /// `{"status":"ready"|"not_ready","checks":{name:"ok"|reason}}`
    std::string to_json(std::string_view role) const;

private:
    struct Check {
        bool ok = false;
        std::string reason;
    };
    std::map<std::string, Check> checks_;
    bool stopping_ = false;
};

/// `GET /health` and `/health/live`: 200 as long as the process answers. `GET /health/ready`: 200 or 503 with every
/// check. `readiness` must outlive the routes; `role` is a literal and is shown.
std::vector<Route> ops_routes(const Readiness& readiness, std::string_view role);

} // namespace smsbcast::transport
