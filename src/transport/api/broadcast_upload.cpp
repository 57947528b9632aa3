#include "broadcast_upload.hpp"

#include "create_problem.hpp"
#include "json_text.hpp"

namespace smsbcast::transport {

namespace {

// {"broadcast_id","status","total_recipients","duplicates_removed"}
Response created(const app::CreatedBroadcast& broadcast) {
    Response response;
    response.status = 201;
    response.headers.emplace_back("Location", "/api/broadcasts/" + to_string(broadcast.id));
    {
        JsonObject body(response.body);
        body.add("broadcast_id", broadcast.id);
        body.add("status", to_string(broadcast.status));
        body.add("total_recipients", broadcast.total);
        body.add("duplicates_removed", broadcast.duplicates_removed);
    }
    return response;
}

} // namespace

Awaitable<Response> BroadcastUpload::finish(const Request& request) {
    auto outcome = document_.finish();
    if (const auto* problem = std::get_if<Problem>(&outcome))
        co_return to_response(*problem, request.request_id);
    auto& reading = std::get<BroadcastReading>(outcome);
    if (!reading.mistakes.empty()) {
        const auto errors = content_errors(reading.input, create_.limits());
        co_return to_response(create_problem(reading, errors, create_.limits()), request.request_id);
    }
    auto creating = create_(std::move(reading.input), Deadline::after(timeout_));
    const auto output = co_await std::move(creating);
    if (const auto* errors = std::get_if<app::CreateErrors>(&output))
        co_return to_response(create_problem(reading, *errors, create_.limits()), request.request_id);
    if (const auto* failure = std::get_if<boost::system::error_code>(&output))
        co_return to_response(to_problem(*failure), request.request_id);
    co_return created(std::get<app::CreatedBroadcast>(output));
}

} // namespace smsbcast::transport
