#pragma once

#include "smsbcast/base/strong_id.hpp"

#include <optional>
#include <string>

namespace smsbcast {

/// What a provider says of a message that it took.
struct Receipt {
    std::optional<MessageId> message; ///< when the provider gives our id back
    std::string provider_id;          ///< at most 255 bytes, no NUL; empty when only our id was given
    bool delivered = false;           ///< otherwise it failed for good
    std::optional<std::string> error_code;
};

/// What became of a receipt. Each of them is durable when it is told.
enum class ReceiptOutcome {
    applied, ///< it moved its message
    no_news, ///< the message was there already, or further: a doubled or late receipt
    kept,    ///< no message is known by it yet; it waits in the inbox
};

} // namespace smsbcast
