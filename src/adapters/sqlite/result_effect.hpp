#pragma once

#include "smsbcast/domain/message_status.hpp"
#include "smsbcast/domain/retry_policy.hpp"

#include <optional>
#include <string_view>

namespace smsbcast::adapters::sqlite {

/// What of a stored message decides over a result.
struct MessageState {
    MessageStatus status = MessageStatus::pending; ///< as stored
    bool has_sent_at = false;
    std::string_view error_class; ///< of its last error, empty without one
};

/// What a result does to a message.
enum class ResultEffect {
    none,
    leaves,    ///< its ticket is held by this attempt, and it is still in it: it takes the step
    resolves,  ///< it became unknown meanwhile, and this is the answer after all
    completes, ///< a receipt was faster: what it could not know is filled in, the status stays
};

/// The provider said that it has it; where it named no id, the step is unknown.
inline bool was_taken(const Verdict& verdict) {
    return verdict.step == NextStep::sent ||
           (verdict.step == NextStep::unknown && verdict.error && verdict.error->error_class == kUnidentified);
}

/// `held`: the result's ticket is held by the result's attempt, and the message is in that ticket.
inline ResultEffect effect_of(const Verdict& verdict, const MessageState& message, bool held) {
    if (held && message.status == MessageStatus::pending)
        return ResultEffect::leaves;
    if (!was_taken(verdict))
        return ResultEffect::none;
    if (message.status == MessageStatus::unknown && (verdict.step == NextStep::sent || !message.has_sent_at))
        return ResultEffect::resolves;
    const bool by_receipt = message.status == MessageStatus::delivered ||
                            (message.status == MessageStatus::failed && message.error_class == "receipt");
    return by_receipt && !message.has_sent_at ? ResultEffect::completes : ResultEffect::none;
}

/// The status that a step leads to; that of a retry stays pending, in another ticket.
inline MessageStatus status_after(NextStep step) {
    switch (step) {
    case NextStep::sent: return MessageStatus::sent;
    case NextStep::failed: return MessageStatus::failed;
    case NextStep::unknown: return MessageStatus::unknown;
    case NextStep::retry: return MessageStatus::pending;
    }
    return MessageStatus::failed;
}

/// Attempts that were used up are bounded by the policy; of those that cost nothing, which are not, a run of one class
/// leaves one line.
inline bool is_told(const std::optional<MessageError>& error, int attempts, std::string_view last_class,
                    int last_attempts) {
    return error && (attempts != last_attempts || error->error_class != last_class);
}

/// A message that was never handed out has no receipts: one that names it waits like one of an unknown message.
inline bool may_have_receipts(MessageStatus stored, int attempts, bool maybe_sent, std::int64_t ticket_attempt) {
    return stored != MessageStatus::pending || attempts > 0 || maybe_sent || ticket_attempt > 0;
}

} // namespace smsbcast::adapters::sqlite
