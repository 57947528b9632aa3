#include "smsbcast/domain/message_rules.hpp"

#include <algorithm>

namespace smsbcast {

using enum MessageStatus;
using std::chrono::milliseconds;

bool was_taken(const Verdict& verdict) {
    return verdict.step == NextStep::sent ||
           (verdict.step == NextStep::unknown && verdict.error && verdict.error->error_class == kUnidentified);
}

ResultEffect effect_of_result(const Verdict& verdict, const MessageFacts& message, bool held) {
    // The ordinary case: the worker's lease holds, and the message is still where the worker found
    // it.
    if (held && message.status == pending)
        return ResultEffect::leaves;
    // From here on the lease is lost or the message has moved. A failure that arrives now says
    // nothing that others do not know better; that the provider took the message is a fact.
    if (!was_taken(verdict))
        return ResultEffect::none;
    // The answer that was missing has come after all. An acceptance without an id adds nothing to a
    // message that already has its sent_at.
    if (message.status == unknown && (verdict.step == NextStep::sent || !message.has_sent_at))
        return ResultEffect::resolves;
    // A receipt was faster than the worker's write. It had the status to give, but neither the time
    // of sending nor the provider's id.
    const bool by_receipt =
        message.status == delivered || (message.status == failed && message.error_class == kByReceipt);
    return by_receipt && !message.has_sent_at ? ResultEffect::completes : ResultEffect::none;
}

MessageStatus status_after(NextStep step) {
    switch (step) {
    case NextStep::sent: return sent;
    case NextStep::failed: return failed;
    case NextStep::unknown: return unknown;
    case NextStep::retry: return pending;
    }
    return failed;
}

// A throttled message may come back a hundred times. Its attempts stay the same and so does the
// class, so the run leaves one line.
bool belongs_in_history(const Verdict& verdict, const MessageFacts& before) {
    return verdict.error && (verdict.attempts != before.attempts || verdict.error->error_class != before.error_class);
}

bool was_refused_before(const MessageFacts& message) {
    return std::ranges::find(kRefusals, message.error_class) != kRefusals.end();
}

ReceiptOutcome effect_of_receipt(bool delivered_at_last, const MessageFacts& message, const TicketFacts& ticket) {
    // A receipt for a message that the provider cannot have is a mistake or a forgery of somebody
    // else, and must not end the message. It is kept, for the case that the store is what is wrong.
    // Attempts prove nothing: a message that was refused or throttled has had some.
    const bool is_waiting = message.status == pending && ticket.fence == 0;
    const bool never_taken = message.status == failed && delivered_at_last &&
                             std::ranges::find(kNeverTaken, message.error_class) != kNeverTaken.end();
    if ((is_waiting || never_taken) && !message.maybe_sent)
        return ReceiptOutcome::kept;
    const auto next = delivered_at_last ? delivered : failed;
    // The table of transitions makes receipts safe in any order: a late "failed" never takes a
    // "delivered" back.
    return may_move(message.status, next, Actor::receipt) ? ReceiptOutcome::applied : ReceiptOutcome::no_news;
}

bool shows_older_copy(const MessageFacts& message, const TicketFacts& ticket) {
    // A retry's ticket has fence 0 as well while it waits, although its messages were handed over
    // before; only a first ticket proves something.
    return message.status == pending && ticket.fence == 0 && ticket.is_first;
}

MessageError not_delivered(const std::optional<std::string>& code) {
    return {code.value_or("not_delivered"), std::string(kByReceipt), "the provider reported that it was not delivered"};
}

milliseconds inbox_pause(int tries) {
    constexpr milliseconds kFirst{400}, kLongest{10 * 60 * 1000};
    constexpr int kMaxDoublings = 12; // which is longer than the longest in any case
    return std::min(kLongest, kFirst * (1 << std::min(tries, kMaxDoublings)));
}

LostLease effect_of_lost_lease(const TicketFacts& ticket, bool flagged) {
    // Sending again is not allowed any more: the provider knows no keys, or the one second chance
    // was used.
    if (ticket.begun || (ticket.at_once && flagged))
        return LostLease::unknown;
    // Without at_once nothing can have gone out before mark_in_flight(), so there is nothing to
    // tell. Of several lost workers only the first leaves a line.
    return ticket.at_once && !ticket.interrupted ? LostLease::again_and_noted : LostLease::again;
}

const MessageError& lost_attempt() {
    static const MessageError error{"worker_lost", std::string(kUnknownClass),
                                    "the worker that was sending it ended without recording what happened"};
    return error;
}

MessageStatus end_of_waiting(MessageStatus end, bool maybe_sent) {
    // "Canceled" promises that nothing was sent, which nobody can promise for this message.
    return maybe_sent ? unknown : end;
}

MessageStatus end_of_unknown(const MessageFacts& message) {
    // The provider took these as far as anybody can tell; calling them failed would invite a second
    // sending.
    const bool was_sent = std::ranges::find(kSentWithoutReceipt, message.error_class) != kSentWithoutReceipt.end();
    return was_sent ? sent : failed;
}

} // namespace smsbcast
