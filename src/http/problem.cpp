#include "smsbcast/http/problem.hpp"

#include "server/response_text.hpp"
#include "smsbcast/base/json_text.hpp"

namespace smsbcast::http {

namespace {

// {"type":"about:blank","title":"Unprocessable Entity","status":422,"code":"invalid_broadcast","detail":"…",
//  "request_id":"…","errors":[{"field":"recipients","index":7,"code":"too_short","message":"…"}]}
void append_body(std::string& out, const Problem& problem, std::string_view request_id) {
    JsonObject object(out);
    object.add("type", "about:blank");
    object.add("title", reason_phrase(problem.status));
    object.add("status", problem.status);
    object.add("code", problem.code);
    if (!problem.detail.empty())
        object.add("detail", problem.detail);
    object.add("request_id", request_id);
    if (problem.errors.empty())
        return;
    append_array(object.begin("errors"), problem.errors, [](std::string& text, const FieldError& error) {
        JsonObject item(text);
        item.add("field", error.field);
        item.add("index", error.index);
        item.add("code", error.code);
        item.add("message", error.message);
    });
}

Problem try_again(std::string code, int seconds) {
    return {503, std::move(code), "", {}, std::chrono::seconds(seconds)};
}

Problem internal_error() {
    return {500, "internal_error", "", {}, {}};
}

Problem problem_of(Errc error) {
    switch (error) {
    case Errc::not_found: return {404, "not_found", "There is nothing with this id.", {}, {}};
    case Errc::conflict: return {409, "conflict", "The present state does not allow this.", {}, {}};
    case Errc::invalid: return {422, "invalid", "The input cannot be accepted.", {}, {}};
    case Errc::timeout: return try_again("timeout", 2);
    case Errc::uncertain: return try_again("outcome_unknown", 2);
    case Errc::unavailable:
    case Errc::blocked:
    case Errc::retry: return try_again("unavailable", 2);
    case Errc::overloaded: return try_again("overloaded", 1);
    case Errc::stopping: return try_again("stopping", 1);
    case Errc::refused: return {422, "cannot_be_stored", "It cannot be stored as it is.", {}, {}};
    case Errc::forbidden: return {403, "forbidden", "The caller may not do this.", {}, {}};
    case Errc::stalled:
    case Errc::internal: break;
    }
    return internal_error();
}

} // namespace

Response to_response(const Problem& problem, std::string_view request_id) {
    Response response;
    response.status = problem.status;
    response.content_type = "application/problem+json";
    append_body(response.body, problem, request_id);
    response.trouble = problem.trouble;
    if (problem.retry_after)
        response.headers.emplace_back("Retry-After", std::to_string(problem.retry_after->count()));
    return response;
}

Problem to_problem(const boost::system::error_code& error) {
    auto problem =
        error.category() == error_category() ? problem_of(static_cast<Errc>(error.value())) : internal_error();
    if (problem.status >= 500)
        problem.trouble = Trouble{error.message(), problem.status == 500, error == Errc::overloaded};
    return problem;
}

} // namespace smsbcast::http
