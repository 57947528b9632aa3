#include "broadcast_upload.hpp"

#include "answers.hpp"

#include "create_problem.hpp"
#include "smsbcast/base/json_text.hpp"

namespace smsbcast::transport {

namespace {

std::string location(const BroadcastId& id) {
    return "/api/broadcasts/" + to_string(id);
}

// {"broadcast_id","status","total_recipients","duplicates_removed"}
http::Response created(const app::CreatedBroadcast& broadcast) {
    http::Response response;
    response.status = 201;
    response.headers.emplace_back("Location", location(broadcast.id));
    {
        JsonObject body(response.body);
        body.add("broadcast_id", broadcast.id);
        body.add("status", to_string(broadcast.status));
        body.add("total_recipients", broadcast.total);
        body.add("duplicates_removed", broadcast.duplicates_removed);
    }
    return response;
}

// Nobody may be led to post it again before having looked: that would send everything twice.
http::Response not_created(const app::NotCreated& failure, std::string_view request_id) {
    if (failure.error != Errc::uncertain)
        return http::to_response(http::to_problem(failure.error), request_id);
    const auto place = location(failure.id);
    auto response = http::to_response({500,
                                       "outcome_unknown",
                                       "The broadcast may have been stored or not. Look at " + place +
                                           " before you send it again; 404 there means that it was not.",
                                       {},
                                       {},
                                       http::Trouble{failure.error.message() + ": broadcast " + to_string(failure.id)}},
                                      request_id);
    response.headers.emplace_back("Location", place);
    return response;
}

} // namespace

bool BroadcastUpload::write(std::string_view piece) {
    turned_away_ = turned_away_ || !budget_->take(piece.size(), held_);
    held_ += turned_away_ ? 0 : piece.size();
    return !turned_away_ && document_.write(piece);
}

Awaitable<http::Response> BroadcastUpload::finish(const http::Request& request) {
    if (turned_away_)
        co_return http::to_response(http::to_problem(Errc::overloaded), request.request_id);
    auto outcome = document_.finish();
    if (const auto* problem = std::get_if<http::Problem>(&outcome))
        co_return http::to_response(*problem, request.request_id);
    auto& reading = std::get<BroadcastReading>(outcome);
    if (!reading.mistakes.empty()) {
        const auto errors = app::CreateBroadcast::check(reading.input, create_.limits());
        co_return http::to_response(create_problem(reading, errors, create_.limits()), request.request_id);
    }
    auto creating = create_(request.caller, std::move(reading.input), Deadline::after(timeout_));
    const auto output = co_await std::move(creating);
    if (const auto* errors = std::get_if<app::CreateErrors>(&output))
        co_return http::to_response(create_problem(reading, *errors, create_.limits()), request.request_id);
    if (const auto* failure = std::get_if<app::NotCreated>(&output))
        co_return not_created(*failure, request.request_id);
    co_return created(std::get<app::CreatedBroadcast>(output));
}

} // namespace smsbcast::transport
