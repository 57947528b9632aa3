#pragma once

#include "smsbcast/base/strong_id.hpp"
#include "smsbcast/domain/message_status.hpp"
#include "smsbcast/domain/phone_number.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smsbcast {

/// The class of the error of a message that the provider took though its answer names no id that can be read.
inline constexpr std::string_view kUnidentified = "unidentified";

/// The reason why a message is where it is: a stable word or the provider's own code, the class of
/// the outcome (`rejected`, `refused`, `disputed`, `throttled`, `not_sent`, `unknown`,
/// `unidentified`, `receipt`, `attempts_exhausted`), and a sentence.
struct MessageError {
    std::string code;
    std::string error_class;
    std::string message;

    friend bool operator==(const MessageError&, const MessageError&) = default;
};

/// A message as users see it.
struct Message {
    MessageId id;
    BroadcastId broadcast;
    PhoneNumber phone = PhoneNumber::from_digits(0);
    MessageStatus status = MessageStatus::pending;
    int attempts = 0; ///< submissions that reached an end, throttled ones not counted
    Timestamp created_at;
    std::optional<Timestamp> queued_at;
    std::optional<Timestamp> sent_at;
    std::optional<Timestamp> delivered_at;
    std::optional<std::string> provider_id;
    std::optional<MessageError> error;
    bool possible_duplicate = false; ///< resent after an uncertain outcome to a provider without idempotency keys
};

/// One submission that did not simply succeed.
struct Attempt {
    int number = 0; ///< attempts spent by then; being throttled spends none
    Timestamp at;
    MessageError error;
};

} // namespace smsbcast
