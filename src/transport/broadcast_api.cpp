#include "smsbcast/transport/broadcast_api.hpp"

#include "answers.hpp"
#include "broadcast_upload.hpp"
#include "smsbcast/base/json_text.hpp"
#include "smsbcast/http/query.hpp"

namespace smsbcast::transport {

namespace {

constexpr std::size_t kMaxCommandBody = 1024;
// Less than the stores hold in their queues, which the other roles of the process use too.
constexpr std::size_t kCreatesAtOnce = 256;
constexpr std::size_t kOthersAtOnce = 32; // of each route

// Nothing, or an object without members: a command has no arguments.
bool says_nothing(std::string_view body) {
    std::string text(body);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return text.empty() || text == "{}";
}

std::string refusal(BroadcastCommand command) {
    switch (command) {
    case BroadcastCommand::pause: return "Only a running broadcast can be paused.";
    case BroadcastCommand::resume: return "Only a paused broadcast can be resumed.";
    case BroadcastCommand::cancel: return "A completed broadcast cannot be canceled.";
    }
    return {};
}

} // namespace

BroadcastApi::BroadcastApi(app::CreateBroadcast& create, BroadcastStore& store, BroadcastApiOptions options)
    : create_(create), read_(store), control_(store), options_(options),
      uploads_(std::make_shared<UploadBudget>(options.max_uploads)) {}

std::vector<http::Route> BroadcastApi::routes() {
    const auto get = [this](std::string_view path,
                            Awaitable<http::Response> (BroadcastApi::*read)(const http::Request&)) {
        return http::Route{.method = "GET",
                           .path = path,
                           .at_once = kOthersAtOnce,
                           .scope = Scope::broadcasts_read,
                           .handle = [this, read](const http::Request& request) { return (this->*read)(request); }};
    };
    const auto post = [this](std::string_view path, BroadcastCommand command) {
        return http::Route{
            .method = "POST",
            .path = path,
            .max_body = kMaxCommandBody,
            .at_once = kOthersAtOnce,
            .scope = Scope::broadcasts_write,
            .handle = [this, command](const http::Request& request) { return this->command(request, command); }};
    };
    http::BodyReader json{.media_type = "application/json",
                          .sink = [this](const http::Request&) -> std::unique_ptr<http::BodySink> {
                              return std::make_unique<BroadcastUpload>(create_, uploads_, options_.create_timeout);
                          }};
    http::Route create{.method = "POST",
                       .path = "/api/broadcasts",
                       .max_body = options_.max_body,
                       .at_once = kCreatesAtOnce,
                       .scope = Scope::broadcasts_write,
                       .readers = {std::move(json)}};
    return {std::move(create),
            get("/api/broadcasts", &BroadcastApi::list),
            get("/api/broadcasts/{}", &BroadcastApi::show),
            get("/api/broadcasts/{}/messages", &BroadcastApi::messages),
            get("/api/messages/{}", &BroadcastApi::message),
            post("/api/broadcasts/{}/pause", BroadcastCommand::pause),
            post("/api/broadcasts/{}/resume", BroadcastCommand::resume),
            post("/api/broadcasts/{}/cancel", BroadcastCommand::cancel)};
}

Awaitable<http::Response> BroadcastApi::command(const http::Request& request, BroadcastCommand command) {
    const auto id = id_of(request);
    if (!id)
        co_return bad_id(request);
    if (auto errors = http::Query(request.query).mistakes({}); !errors.empty())
        co_return bad_query(std::move(errors), request);
    if (!says_nothing(request.body)) {
        const http::Problem problem{
            422, "unexpected_body", "This request takes no body, or an empty JSON object.", {}, {}};
        co_return http::to_response(problem, request.request_id);
    }
    auto commanding = control_(request.caller, BroadcastId{*id}, command, soon());
    const auto status = co_await std::move(commanding);
    if (!status) {
        auto problem = http::to_problem(status.error());
        if (status.error() == Errc::conflict)
            problem.detail = refusal(command);
        co_return http::to_response(problem, request.request_id);
    }
    http::Response response;
    {
        JsonObject body(response.body);
        body.add("broadcast_id", BroadcastId{*id});
        body.add("status", to_string(*status));
    }
    co_return response;
}

} // namespace smsbcast::transport
