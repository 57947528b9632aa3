#pragma once

#include "smsbcast/base/strong_id.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace smsbcast {

/// Seals the address to which the receipt of a message is to be posted, so that whoever posts there was given the
/// address by us: knowing or guessing the message's id is not enough. Pure; threads: any.
class ReceiptSeal {
public:
    /// `secrets`: one at least. The first one seals; what an older one sealed is genuine too. `since`: only messages
    /// that were made from then on are sealed.
    ReceiptSeal(std::vector<std::string> secrets, Timestamp since) : secrets_(std::move(secrets)), since_(since) {}

    /// Receipts of messages that were made before may still come for so long after it.
    static constexpr std::chrono::days kUnsealedFor{7};

    Timestamp since() const { return since_; }
    bool seals(const MessageId& message) const { return uuid_time(message.value) >= since_; }

    /// 32 hexadecimal digits: the first half of an HMAC-SHA-256 (RFC 2104 §5 allows the half).
    std::string of(const MessageId& message) const;

    /// Takes the same time wherever the text differs.
    bool is_genuine(const MessageId& message, std::string_view seal) const;

private:
    std::vector<std::string> secrets_;
    Timestamp since_;
};

} // namespace smsbcast
