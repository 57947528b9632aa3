#include "resource_json.hpp"

#include "smsbcast/base/json_text.hpp"

namespace smsbcast::transport {

void append_error(std::string& out, const MessageError& error) {
    JsonObject object(out);
    object.add("code", error.code);
    object.add("class", error.error_class);
    object.add("message", error.message);
}

void add_broadcast(JsonObject& out, const Broadcast& broadcast) {
    out.add("id", broadcast.id);
    out.add("name", broadcast.name);
    out.add("message", broadcast.text);
    out.add("status", to_string(broadcast.status));
    out.add("total_recipients", broadcast.total);
    {
        JsonObject counts(out.begin("counts"));
        for (const auto status : kMessageStatuses)
            counts.add(to_string(status), broadcast.counts[status]);
    }
    out.add("created_at", broadcast.created_at);
    out.add("expires_at", broadcast.expires_at);
    out.add("completed_at", broadcast.completed_at);
}

void add_message(JsonObject& out, const Message& message) {
    out.add("id", message.id);
    out.add("phone_number", message.phone.text());
    out.add("status", to_string(message.status));
    out.add("created_at", message.created_at);
    out.add("queued_at", message.queued_at);
    out.add("sent_at", message.sent_at);
    out.add("delivered_at", message.delivered_at);
    out.add("attempts", message.attempts);
    out.add("provider_id", message.provider_id);
    if (message.error)
        append_error(out.begin("error"), *message.error);
    else
        out.add_null("error");
    out.add("possible_duplicate", message.possible_duplicate);
}

void add_attempts(JsonObject& out, std::span<const Attempt> attempts) {
    append_array(out.begin("attempt_history"), attempts, [](std::string& text, const Attempt& attempt) {
        JsonObject item(text);
        item.add("number", attempt.number);
        item.add("at", attempt.at);
        append_error(item.begin("error"), attempt.error);
    });
}

} // namespace smsbcast::transport
