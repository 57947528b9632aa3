#pragma once

#include "smsbcast/http/server.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace smsbcast::transport {

/// Which role answers. Its views must outlive the routes.
struct Identity {
    std::string_view role;
    std::vector<std::string_view> process; ///< the roles of the same process, this one too
};

/// What a role needs to do its work, and whether it is there. Belongs to one shard.
class Readiness {
public:
    /// Name and value; `null` without one. Shown to whoever asks, so no address and no secret.
    using Details = std::vector<std::pair<std::string, std::variant<std::monostate, std::int64_t, std::string>>>;

    /// A check that was never set does not count. `reason` is shown to whoever asks, so it holds no address and no
    /// secret; ignored when `ok`.
    void set(std::string name, bool ok, std::string reason = {});

    /// Something to know that does not count: the members of an object of that name beside the checks. `tell` is asked
    /// for them with every answer.
    void tell(std::string name, std::function<Details()> tell);

    /// It is not ready from now on: the role goes down, and load balancers should look elsewhere.
    void stop() { stopping_ = true; }

    bool ready() const;

    /// `{"status":"ready"|"not_ready","role":role,"process":[…],"checks":{name:"ok"|reason}}` and what tell() added
    std::string to_json(const Identity& identity) const;

private:
    struct Check {
        bool ok = false;
        std::string reason;
    };
    std::map<std::string, Check> checks_;
    std::map<std::string, std::function<Details()>> details_;
    bool stopping_ = false;
};

/// `GET /health` and `/health/live`: 200 as long as the process answers. `GET /health/ready`: 200 or 503 with every
/// check. `readiness` must outlive the routes.
std::vector<http::Route> ops_routes(const Readiness& readiness, const Identity& identity);

} // namespace smsbcast::transport
