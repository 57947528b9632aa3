#include "smsbcast/domain/retry_policy.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/base/overload.hpp"

#include <algorithm>
#include <cmath>

namespace smsbcast {

namespace {

using std::chrono::milliseconds;

// A provider that names no time means soon: its limits are mostly counted per second.
constexpr milliseconds kDefaultThrottle{1000};
constexpr int kPatientRefusals = 3; // in a row, throttled ones and those of a provider that was away

// A verdict starts from the message's own past and changes what the outcome says, so nothing of it
// is forgotten by a case that does not mention it.
Verdict carry_over(const PendingMessage& message) {
    Verdict verdict;
    verdict.attempts = message.attempts;
    verdict.key_generation = message.key_generation;
    verdict.maybe_sent = message.maybe_sent;
    return verdict;
}

// The attempts are used up. That is certain failure, unless an earlier attempt may have reached the
// provider: then a receipt may still come.
void give_up(Verdict& verdict, MessageError last) {
    verdict.step = verdict.maybe_sent ? NextStep::unknown : NextStep::failed;
    verdict.error = MessageError{std::move(last.code), "attempts_exhausted", std::move(last.message)};
}

Verdict retry_or_give_up(Verdict verdict, const RetryOptions& options, MessageError error, double fraction) {
    if (verdict.attempts >= options.max_attempts) {
        give_up(verdict, std::move(error));
        return verdict;
    }
    verdict.step = NextStep::retry;
    verdict.delay = backoff(options, verdict.attempts, fraction);
    verdict.error = std::move(error);
    return verdict;
}

// A provider may replay its refusal for a key that it has seen, so a definite "not taken" moves the
// key on. It must not move while an earlier submission under it may have been taken: then only the
// same key keeps a second SMS from going out.
void move_key_on(Verdict& verdict) {
    if (!verdict.maybe_sent)
        ++verdict.key_generation;
}

Verdict after_not_sent(Verdict verdict, const NotSent& outcome, const RetryOptions& options, double fraction,
                       bool provider_away) {
    MessageError error{outcome.code, "not_sent", outcome.message};
    if (outcome.tried)
        move_key_on(verdict);
    // While the provider is known to be away, no message pays for the outage with its attempts.
    if (outcome.tried && !provider_away) {
        ++verdict.attempts;
        return retry_or_give_up(std::move(verdict), options, std::move(error), fraction);
    }
    verdict.step = NextStep::retry;
    if (outcome.tried)
        verdict.delay = backoff(options, verdict.attempts, fraction);
    verdict.error = std::move(error);
    return verdict;
}

// Nothing goes out before the lane is let go on, so what waits need not wait long beyond that. The
// message pays no attempt: every other one would have met the same.
Verdict after_refused(Verdict verdict, const Refused& outcome, const RetryOptions& options, double fraction) {
    move_key_on(verdict);
    verdict.step = chaos::mutant("refusal_ends_message") ? NextStep::failed : NextStep::retry;
    verdict.delay = backoff(options, 1, fraction);
    verdict.error = MessageError{outcome.code, "refused", outcome.message};
    return verdict;
}

// The provider does not say whose fault it is. The attempt is given back by the caller when it
// turns out to be the lane's.
Verdict after_disputed(Verdict verdict, const Disputed& outcome, const RetryOptions& options, double fraction) {
    ++verdict.attempts;
    move_key_on(verdict);
    const char* const error_class = outcome.proven ? "rejected" : "disputed";
    return retry_or_give_up(std::move(verdict), options, MessageError{outcome.code, error_class, outcome.message},
                            fraction);
}

// The delay is spread over half as long again, so that the throttled do not all come back at once.
// A message that is throttled whenever it comes back waits longer each time, or it would hold up
// the whole lane again and again.
Verdict after_throttled(Verdict verdict, const Throttled& outcome, const RetryOptions& options, double fraction) {
    // The key's generation moves on with each definite "not taken", so it counts them without a
    // field of its own.
    const int refusals = verdict.key_generation;
    move_key_on(verdict);
    verdict.step = NextStep::retry;
    const auto asked = outcome.retry_after.count() > 0 ? outcome.retry_after : kDefaultThrottle;
    verdict.delay = asked + milliseconds(static_cast<std::int64_t>(fraction * static_cast<double>(asked.count()) / 2));
    if (refusals > kPatientRefusals)
        verdict.delay = std::max(verdict.delay, backoff(options, refusals - kPatientRefusals, fraction));
    verdict.error = MessageError{outcome.code, "throttled", outcome.message};
    return verdict;
}

// No policy sends this message again: the provider has it, and only the id is missing by which its
// receipts would be known.
Verdict after_taken(Verdict verdict, std::string code, std::string message) {
    ++verdict.attempts;
    verdict.maybe_sent = true;
    verdict.step = NextStep::unknown;
    verdict.error = MessageError{std::move(code), std::string(kUnidentified), std::move(message)};
    return verdict;
}

Verdict after_uncertain(Verdict verdict, const Uncertain& outcome, const RetryOptions& options, double fraction) {
    // The provider is asked again only where the same key makes it name the id once more and no
    // second message goes out.
    const bool may_ask_again =
        options.unknown_policy == UnknownPolicy::resend_same_key && verdict.attempts + 1 < options.max_attempts;
    if (outcome.taken && !may_ask_again)
        return after_taken(std::move(verdict), outcome.code, outcome.message);
    MessageError error{outcome.code, "unknown", outcome.message};
    // Under `resend` this was the one further time, and its outcome is uncertain as well.
    const bool resent = verdict.maybe_sent && options.unknown_policy == UnknownPolicy::resend;
    ++verdict.attempts;
    verdict.maybe_sent = !chaos::mutant("uncertain_taken_for_not_sent");
    if (chaos::mutant("new_key_on_resend"))
        ++verdict.key_generation;
    if (!verdict.maybe_sent)
        return retry_or_give_up(std::move(verdict), options, std::move(error), fraction);
    if (resent || options.unknown_policy == UnknownPolicy::wait_then_fail) {
        verdict.step = NextStep::unknown;
        verdict.error = std::move(error);
        return verdict;
    }
    return retry_or_give_up(std::move(verdict), options, std::move(error), fraction);
}

} // namespace

milliseconds backoff(const RetryOptions& options, int attempts, double fraction) {
    const double ceiling = std::min(static_cast<double>(options.cap.count()),
                                    static_cast<double>(options.base.count()) * std::exp2(std::max(0, attempts - 1)));
    return milliseconds(static_cast<std::int64_t>(ceiling * fraction));
}

Verdict decide(const PendingMessage& message, const SubmitOutcome& outcome, const RetryOptions& options,
               double fraction, bool provider_away) {
    Verdict verdict = carry_over(message);
    return std::visit(
        Overload{
            [&](const Accepted&) {
                ++verdict.attempts;
                verdict.step = NextStep::sent;
                return verdict;
            },
            [&](const Unidentified& taken) { return after_taken(std::move(verdict), taken.code, taken.message); },
            [&](const Rejected& rejected) {
                ++verdict.attempts;
                verdict.step = NextStep::failed;
                verdict.error = MessageError{rejected.code, "rejected", rejected.message};
                return verdict;
            },
            [&](const Refused& refused) { return after_refused(std::move(verdict), refused, options, fraction); },
            [&](const Disputed& disputed) { return after_disputed(std::move(verdict), disputed, options, fraction); },
            [&](const Throttled& throttled) {
                return after_throttled(std::move(verdict), throttled, options, fraction);
            },
            [&](const NotSent& not_sent) {
                return after_not_sent(verdict, not_sent, options, fraction, provider_away);
            },
            [&](const Uncertain& uncertain) { return after_uncertain(verdict, uncertain, options, fraction); }},
        outcome);
}

} // namespace smsbcast
