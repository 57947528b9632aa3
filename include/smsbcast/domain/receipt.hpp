#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/provider.hpp"

#include <optional>
#include <string>

namespace smsbcast {

/// A provider's word about a message that it took.
struct Receipt {
    std::optional<MessageId> message; ///< when the provider gives our id back
    std::string provider_id;          ///< at most 255 bytes, no NUL; empty when only our id was given
    bool delivered = false;           ///< otherwise it failed for good
    std::optional<std::string> error_code;
    std::string provider{kDefaultProvider}; ///< the name of the provider that says so, and that provider_id belongs to
};

/// The effect of a receipt. Each of them is durable when it is returned.
enum class ReceiptOutcome {
    applied, ///< it moved its message
    no_news, ///< the message was there already, or further: a doubled or late receipt
    kept,    ///< no message is known by it yet; it waits in the inbox
};

} // namespace smsbcast
