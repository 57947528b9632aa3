#include "smsbcast/transport/key_api.hpp"

#include "answers.hpp"
#include "key_body.hpp"
#include "page.hpp"
#include "smsbcast/base/json_text.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace smsbcast::transport {

namespace {

constexpr std::size_t kMaxKeyBody = 16 * 1024;
constexpr std::size_t kKeyCallsAtOnce = 4;

std::vector<std::string_view> names_of(const Scopes& scopes) {
    std::vector<std::string_view> names;
    for (const auto scope : kScopes)
        if (scopes.contains(scope))
            names.push_back(to_string(scope));
    return names;
}

void add_key(JsonObject& out, const ApiKey& key) {
    out.add("prefix", key.prefix);
    out.add("name", key.name);
    out.add("tenant", key.tenant);
    append_array(out.begin("scopes"), names_of(key.scopes),
                 [](std::string& text, std::string_view name) { append_string(text, name); });
    out.add("created_at", key.created_at);
    out.add("expires_at", key.expires_at);
    out.add("revoked_at", key.revoked_at);
    out.add("last_used_at", key.last_used_at);
}

http::Response shown(const ApiKey& key) {
    http::Response response;
    {
        JsonObject body(response.body);
        add_key(body, key);
    }
    return response;
}

// The one answer with a secret: no cache on the way may keep it.
http::Response made(const app::MadeKey& made) {
    http::Response response;
    response.status = 201;
    response.headers.emplace_back("Location", "/api/keys/" + made.key.prefix);
    response.headers.emplace_back("Cache-Control", "no-store");
    {
        JsonObject body(response.body);
        body.add("token", made.token);
        add_key(body, made.key);
    }
    return response;
}

http::Response not_made(const boost::system::error_code& error, const http::Request& request) {
    auto problem = http::to_problem(error);
    if (error == Errc::refused)
        problem = {
            409, "too_many_keys", "There are as many keys as an installation can have. Revoke some of them.", {}, {}};
    if (error == Errc::conflict)
        problem.detail = "This key has ended already. Make a new one.";
    return http::to_response(problem, request.request_id);
}

http::Response no_pepper(const http::Request& request) {
    return http::to_response(
        {409, "no_pepper", "Keys can be made once AUTH_PEPPER is set, a secret of at least 32 characters.", {}, {}},
        request.request_id);
}

// The prefix of the last key is the cursor.
std::optional<std::string> read_key_cursor(const http::Query& query, std::vector<http::FieldError>& errors) {
    const auto text = query.get("cursor");
    if (text && !is_key_prefix(*text))
        errors.push_back({"cursor", {}, "invalid_cursor", "must be the next_cursor of a page of this list, unchanged"});
    return text ? std::optional(std::string(*text)) : std::nullopt;
}

} // namespace

std::vector<http::Route> KeyApi::routes() {
    const auto route = [this](std::string_view method, std::string_view path,
                              Awaitable<http::Response> (KeyApi::*handle)(const http::Request&)) {
        return http::Route{.method = method,
                           .path = path,
                           .max_body = kMaxKeyBody,
                           .at_once = kKeyCallsAtOnce,
                           .scope = Scope::admin,
                           .handle = [this, handle](const http::Request& request) { return (this->*handle)(request); }};
    };
    return {route("POST", "/api/keys", &KeyApi::create), route("GET", "/api/keys", &KeyApi::list),
            route("GET", "/api/keys/{}", &KeyApi::show), route("DELETE", "/api/keys/{}", &KeyApi::revoke),
            route("POST", "/api/keys/{}/rotate", &KeyApi::rotate)};
}

Awaitable<http::Response> KeyApi::create(const http::Request& request) {
    if (!keys_.can_make_keys())
        co_return no_pepper(request);
    auto read = read_key_request(request.body, wall_clock());
    if (const auto* problem = std::get_if<http::Problem>(&read))
        co_return http::to_response(*problem, request.request_id);
    auto creating = keys_.create(request.caller, std::move(std::get<app::KeyRequest>(read)), soon());
    const auto key = co_await std::move(creating);
    co_return key ? made(*key) : not_made(key.error(), request);
}

Awaitable<http::Response> KeyApi::list(const http::Request& request) {
    const http::Query query(request.query);
    auto errors = query.mistakes({"limit", "cursor"});
    const int limit = read_limit(query, errors);
    auto after = read_key_cursor(query, errors);
    if (!errors.empty())
        co_return bad_query(std::move(errors), request);
    auto listing = keys_.list(request.caller, std::move(after), limit, soon());
    const auto keys = co_await std::move(listing);
    if (!keys)
        co_return failed(keys.error(), request);
    http::Response response;
    {
        JsonObject body(response.body);
        append_array(body.begin("data"), *keys, [](std::string& out, const ApiKey& key) {
            JsonObject item(out);
            add_key(item, key);
        });
        const bool full = keys->size() == static_cast<std::size_t>(limit);
        body.add("next_cursor", full ? std::optional(keys->back().prefix) : std::nullopt);
    }
    co_return response;
}

// A text that is no prefix names no key, so these do not look at its form.
Awaitable<http::Response> KeyApi::show(const http::Request& request) {
    auto getting = keys_.get(request.caller, request.path_arguments.front(), soon());
    const auto key = co_await std::move(getting);
    co_return key ? shown(*key) : failed(key.error(), request);
}

Awaitable<http::Response> KeyApi::revoke(const http::Request& request) {
    auto revoking = keys_.revoke(request.caller, request.path_arguments.front(), soon());
    const auto key = co_await std::move(revoking);
    co_return key ? shown(*key) : failed(key.error(), request);
}

Awaitable<http::Response> KeyApi::rotate(const http::Request& request) {
    if (!keys_.can_make_keys())
        co_return no_pepper(request);
    const auto read = read_overlap(request.body);
    if (const auto* problem = std::get_if<http::Problem>(&read))
        co_return http::to_response(*problem, request.request_id);
    auto rotating =
        keys_.rotate(request.caller, request.path_arguments.front(), std::get<std::chrono::milliseconds>(read), soon());
    const auto key = co_await std::move(rotating);
    co_return key ? made(*key) : not_made(key.error(), request);
}

} // namespace smsbcast::transport
