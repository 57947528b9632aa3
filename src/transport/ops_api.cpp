#include "smsbcast/transport/ops_api.hpp"

#include "smsbcast/base/json_text.hpp"
#include "smsbcast/base/overload.hpp"

#include <algorithm>

namespace smsbcast::transport {

using runtime::Awaitable;

namespace {

Awaitable<http::Response> live(std::string_view role) {
    http::Response response;
    {
        JsonObject body(response.body);
        body.add("status", "ok");
        body.add("role", role);
    }
    co_return response;
}

Awaitable<http::Response> ready(const Readiness& readiness, const Identity& identity) {
    http::Response response;
    response.status = readiness.ready() ? 200 : 503;
    response.body = readiness.to_json(identity);
    co_return response;
}

void add_details(JsonObject& object, std::string_view name, const Readiness::Details& details) {
    JsonObject members(object.begin(name));
    for (const auto& detail : details)
        std::visit(Overload{[&](std::monostate) { members.add_null(detail.first); },
                            [&](std::int64_t number) { members.add(detail.first, number); },
                            [&](const std::string& text) { members.add(detail.first, text); }},
                   detail.second);
}

} // namespace

void Readiness::set(std::string name, bool ok, std::string reason) {
    checks_.insert_or_assign(std::move(name), Check{ok, std::move(reason)});
}

void Readiness::tell(std::string name, std::function<Details()> tell) {
    details_.insert_or_assign(std::move(name), std::move(tell));
}

bool Readiness::ready() const {
    return !stopping_ && std::ranges::all_of(checks_, [](const auto& check) { return check.second.ok; });
}

std::string Readiness::to_json(const Identity& identity) const {
    std::string body;
    {
        JsonObject object(body);
        object.add("status", ready() ? "ready" : "not_ready");
        object.add("role", identity.role);
        append_array(object.begin("process"), identity.process,
                     [](std::string& out, std::string_view role) { append_string(out, role); });
        {
            JsonObject checks(object.begin("checks"));
            for (const auto& [name, check] : checks_)
                checks.add(name, check.ok ? "ok" : check.reason);
        }
        for (const auto& [name, tell] : details_)
            add_details(object, name, tell());
    }
    return body;
}

std::vector<http::Route> ops_routes(const Readiness& readiness, const Identity& identity) {
    const auto alive = [role = identity.role](const http::Request&) { return live(role); };
    std::vector<http::Route> routes;
    for (const std::string_view path : {"/health", "/health/live"})
        routes.push_back({.method = "GET", .path = path, .handle = alive});
    routes.push_back({.method = "GET", .path = "/health/ready", .handle = [&readiness, identity](const http::Request&) {
                          return ready(readiness, identity);
                      }});
    return routes;
}

} // namespace smsbcast::transport
