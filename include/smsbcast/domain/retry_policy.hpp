#pragma once

#include "smsbcast/domain/message.hpp"
#include "smsbcast/domain/submit_outcome.hpp"
#include "smsbcast/domain/ticket.hpp"

#include <chrono>

namespace smsbcast {

/// The way to go on with a message whose outcome is uncertain.
enum class UnknownPolicy {
    resend_same_key, ///< the provider honours idempotency keys
    wait_then_fail,  ///< show `unknown`, wait for a receipt, fail after a while
    resend,          ///< send again; TicketStore::take() flags the message as a possible duplicate before that
};

/// The bounds of retrying, for all messages of a provider.
struct RetryOptions {
    std::chrono::milliseconds base{2000};
    std::chrono::milliseconds cap{15 * 60 * 1000};
    int max_attempts = 6;
    UnknownPolicy unknown_policy = UnknownPolicy::wait_then_fail;
    std::chrono::milliseconds resolve_within{60 * 60 * 1000}; ///< how long an `unknown` message waits for a receipt
};

/// Full jitter: uniform in [0, min(cap, base * 2^(attempts-1))]. `fraction` in [0, 1) is the draw.
std::chrono::milliseconds backoff(const RetryOptions& options, int attempts, double fraction);

/// The place where a message goes after a submission.
enum class NextStep {
    sent,
    failed,
    unknown, ///< waits for a receipt until `resolve_within` has passed
    retry,   ///< goes into a new ticket that is due after `delay`
};

struct Verdict {
    NextStep step = NextStep::failed;
    int attempts = 0;       ///< spent, this one included where it counts
    int key_generation = 0; ///< for the next submission
    bool maybe_sent = false;
    std::chrono::milliseconds delay{0}; ///< of `retry`
    std::optional<MessageError> error;  ///< everything but `sent` has one
};

/// Decides by the outcome, the message's own past and the policy. `fraction` in [0, 1) is the draw of the jitter. While
/// the provider is known to be away, what was certainly not taken costs no attempt.
Verdict decide(const PendingMessage& message, const SubmitOutcome& outcome, const RetryOptions& options,
               double fraction, bool provider_away = false);

} // namespace smsbcast
