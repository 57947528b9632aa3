#include "smsbcast/transport/hold_api.hpp"

#include "answers.hpp"
#include "hold_body.hpp"
#include "json_text.hpp"
#include "query.hpp"

namespace smsbcast::transport {

namespace {

constexpr std::size_t kMaxBody = 16 * 1024;
constexpr std::size_t kAtOnce = 4;

Response answer(const std::optional<Hold>& hold) {
    Response response;
    {
        JsonObject body(response.body);
        body.add("held", hold.has_value());
        body.add("since", hold ? std::optional(hold->since) : std::nullopt);
        body.add("because", hold ? std::optional(hold->because) : std::nullopt);
    }
    return response;
}

} // namespace

std::vector<Route> HoldApi::routes() {
    const auto route = [this](std::string_view method, std::string_view path,
                              Awaitable<Response> (HoldApi::*handle)(const Request&)) {
        return Route{.method = method,
                     .path = path,
                     .max_body = kMaxBody,
                     .at_once = kAtOnce,
                     .handle = [this, handle](const Request& request) { return (this->*handle)(request); }};
    };
    return {route("GET", "/api/hold", &HoldApi::show), route("POST", "/api/hold", &HoldApi::hold),
            route("POST", "/api/release", &HoldApi::release)};
}

Awaitable<Response> HoldApi::show(const Request& request) {
    if (auto errors = Query(request.query).mistakes({}); !errors.empty())
        co_return bad_query(std::move(errors), request);
    const auto held = co_await installation_.held(soon());
    if (!held)
        co_return failed(held.error(), request);
    co_return answer(*held);
}

Awaitable<Response> HoldApi::hold(const Request& request) {
    auto body = read_hold(request.body);
    if (const auto* problem = std::get_if<Problem>(&body))
        co_return to_response(*problem, request.request_id);
    auto holding = installation_.hold(std::move(std::get<HoldBody>(body).because), soon());
    const auto hold = co_await std::move(holding);
    if (!hold)
        co_return failed(hold.error(), request);
    co_return answer(*hold);
}

Awaitable<Response> HoldApi::release(const Request& request) {
    const auto body = read_release(request.body, wall_clock());
    if (const auto* problem = std::get_if<Problem>(&body))
        co_return to_response(*problem, request.request_id);
    const ReleaseOptions options{std::get<ReleaseBody>(body).assume_sent_since, options_.resolve_within};
    auto releasing = release_(options, soon());
    const auto report = co_await std::move(releasing);
    if (!report) {
        auto problem = to_problem(report.error());
        if (report.error() == Errc::conflict)
            problem.detail = "Nothing is held, so what waits is going out. Hold it first.";
        co_return to_response(problem, request.request_id);
    }
    Response response;
    {
        JsonObject document(response.body);
        document.add("held", report->more);
        document.add("assumed_sent", report->assumed_sent);
    }
    co_return response;
}

} // namespace smsbcast::transport
