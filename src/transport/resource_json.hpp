#pragma once

#include "smsbcast/base/json_text.hpp"
#include "smsbcast/domain/broadcast.hpp"
#include "smsbcast/domain/message.hpp"

#include <optional>
#include <span>
#include <string>

namespace smsbcast::transport {

/// Adds `"id","name","message","status","total_recipients","counts","created_at","expires_at","completed_at"`.
void add_broadcast(JsonObject& out, const Broadcast& broadcast);

/// Adds what a message shows in a list.
void add_message(JsonObject& out, const Message& message);

/// Adds `"attempt_history":[{"number","at","error":{…}}]`, the newest hundred, oldest first.
void add_attempts(JsonObject& out, std::span<const Attempt> attempts);

/// `{"code","class","message"}`
void append_error(std::string& out, const MessageError& error);

} // namespace smsbcast::transport
