#include "smsbcast/transport/hold_api.hpp"

#include "answers.hpp"
#include "hold_body.hpp"
#include "smsbcast/base/json_text.hpp"
#include "smsbcast/http/query.hpp"

namespace smsbcast::transport {

namespace {

constexpr std::size_t kMaxBody = 16 * 1024;
constexpr std::size_t kAtOnce = 4;

http::Response answer(const std::optional<Hold>& hold) {
    http::Response response;
    {
        JsonObject body(response.body);
        body.add("held", hold.has_value());
        body.add("since", hold ? std::optional(hold->since) : std::nullopt);
        body.add("because", hold ? std::optional(hold->because) : std::nullopt);
    }
    return response;
}

} // namespace

std::vector<http::Route> HoldApi::routes() {
    const auto route = [this](std::string_view method, std::string_view path,
                              Awaitable<http::Response> (HoldApi::*handle)(const http::Request&)) {
        return http::Route{.method = method,
                           .path = path,
                           .max_body = kMaxBody,
                           .at_once = kAtOnce,
                           .scope = Scope::admin,
                           .handle = [this, handle](const http::Request& request) { return (this->*handle)(request); }};
    };
    return {route("GET", "/api/hold", &HoldApi::show), route("POST", "/api/hold", &HoldApi::hold),
            route("POST", "/api/release", &HoldApi::release)};
}

Awaitable<http::Response> HoldApi::show(const http::Request& request) {
    if (auto errors = http::Query(request.query).mistakes({}); !errors.empty())
        co_return bad_query(std::move(errors), request);
    auto asking = holding_.held(request.caller, soon());
    const auto held = co_await std::move(asking);
    if (!held)
        co_return failed(held.error(), request);
    co_return answer(*held);
}

Awaitable<http::Response> HoldApi::hold(const http::Request& request) {
    auto body = read_hold(request.body);
    if (const auto* problem = std::get_if<http::Problem>(&body))
        co_return http::to_response(*problem, request.request_id);
    auto holding = holding_.hold(request.caller, std::move(std::get<HoldBody>(body).because), soon());
    const auto hold = co_await std::move(holding);
    if (!hold)
        co_return failed(hold.error(), request);
    co_return answer(*hold);
}

Awaitable<http::Response> HoldApi::release(const http::Request& request) {
    const auto body = read_release(request.body, wall_clock());
    if (const auto* problem = std::get_if<http::Problem>(&body))
        co_return http::to_response(*problem, request.request_id);
    const ReleaseOptions options{std::get<ReleaseBody>(body).assume_sent_since, options_.resolve_within};
    auto releasing = holding_.release(request.caller, options, soon());
    const auto report = co_await std::move(releasing);
    if (!report) {
        auto problem = http::to_problem(report.error());
        if (report.error() == Errc::conflict)
            problem.detail = "Nothing is held, so what waits is going out. Hold it first.";
        co_return http::to_response(problem, request.request_id);
    }
    http::Response response;
    {
        JsonObject document(response.body);
        document.add("held", report->more);
        document.add("assumed_sent", report->assumed_sent);
    }
    co_return response;
}

} // namespace smsbcast::transport
