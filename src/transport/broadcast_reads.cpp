#include "smsbcast/transport/broadcast_api.hpp"

#include "answers.hpp"
#include "page.hpp"
#include "resource_json.hpp"
#include "smsbcast/base/json_text.hpp"

namespace smsbcast::transport {

namespace {

using List = CursorScope::List;

constexpr std::size_t kRowBytes = 360; // what a message takes at most, nearly always

std::string status_names() {
    std::string names;
    for (const auto status : kMessageStatuses)
        names.append(names.empty() ? "" : ", ").append(to_string(status));
    return names;
}

// The cursor of the page that follows, or nothing when this is the last.
template <class Row>
std::optional<std::string> next_cursor(const app::Page<Row>& page, const CursorScope& scope) {
    return page.next_after ? std::optional(make_cursor(scope, *page.next_after)) : std::nullopt;
}

// {"data":[…],"next_cursor"}
template <class Row, class Add>
http::Response answer(const app::Page<Row>& page, const CursorScope& scope, Add add) {
    http::Response response;
    response.body.reserve(page.rows.size() * kRowBytes);
    {
        JsonObject body(response.body);
        append_array(body.begin("data"), page.rows, [&](std::string& out, const Row& row) {
            JsonObject item(out);
            add(item, row);
        });
        body.add("next_cursor", next_cursor(page, scope));
    }
    return response;
}

} // namespace

Awaitable<http::Response> BroadcastApi::list(const http::Request& request) {
    const http::Query query(request.query);
    auto errors = query.mistakes({"limit", "cursor"});
    const int limit = read_limit(query, errors);
    const CursorScope scope{List::broadcasts, {}, {}};
    const auto last = read_cursor(query, scope, errors);
    if (!errors.empty())
        co_return bad_query(std::move(errors), request);

    std::optional<BroadcastId> before;
    if (last)
        before = BroadcastId{*last};
    auto reading = read_.list(request.caller, before, limit, soon());
    const auto found = co_await std::move(reading);
    if (!found)
        co_return failed(found.error(), request);
    co_return answer(*found, scope, add_broadcast);
}

Awaitable<http::Response> BroadcastApi::show(const http::Request& request) {
    const auto id = id_of(request);
    if (!id)
        co_return bad_id(request);
    if (auto errors = http::Query(request.query).mistakes({}); !errors.empty())
        co_return bad_query(std::move(errors), request);

    auto getting = read_.get(request.caller, BroadcastId{*id}, soon());
    const auto found = co_await std::move(getting);
    if (!found)
        co_return failed(found.error(), request);
    const auto& [broadcast, messages] = *found;

    http::Response response;
    response.body.reserve((messages.rows.size() + 4) * kRowBytes);
    {
        JsonObject body(response.body);
        add_broadcast(body, broadcast);
        append_array(body.begin("messages"), messages.rows, [](std::string& out, const Message& message) {
            JsonObject item(out);
            add_message(item, message);
        });
        body.add("next_cursor", next_cursor(messages, {List::messages, BroadcastId{*id}, {}}));
    }
    co_return response;
}

Awaitable<http::Response> BroadcastApi::messages(const http::Request& request) {
    const auto id = id_of(request);
    if (!id)
        co_return bad_id(request);
    const http::Query query(request.query);
    auto errors = query.mistakes({"status", "limit", "cursor"});
    std::optional<MessageStatus> status;
    if (const auto text = query.get("status")) {
        status = parse_message_status(*text);
        if (!status)
            errors.push_back({"status", {}, "unknown_status", "must be one of " + status_names()});
    }
    const int limit = read_limit(query, errors);
    const CursorScope scope{List::messages, BroadcastId{*id}, status};
    const auto last = read_cursor(query, scope, errors);
    if (!errors.empty())
        co_return bad_query(std::move(errors), request);

    MessageQuery wanted{BroadcastId{*id}, status, {}, limit};
    if (last)
        wanted.after = MessageId{*last};
    auto reading = read_.messages(request.caller, wanted, soon());
    const auto found = co_await std::move(reading);
    if (!found)
        co_return failed(found.error(), request);
    co_return answer(*found, scope, add_message);
}

Awaitable<http::Response> BroadcastApi::message(const http::Request& request) {
    const auto id = id_of(request);
    if (!id)
        co_return bad_id(request);
    if (auto errors = http::Query(request.query).mistakes({}); !errors.empty())
        co_return bad_query(std::move(errors), request);

    auto getting = read_.message(request.caller, MessageId{*id}, soon());
    const auto found = co_await std::move(getting);
    if (!found)
        co_return failed(found.error(), request);
    http::Response response;
    {
        JsonObject body(response.body);
        add_message(body, found->message);
        body.add("broadcast_id", found->message.broadcast);
        add_attempts(body, found->attempts);
    }
    co_return response;
}

} // namespace smsbcast::transport
