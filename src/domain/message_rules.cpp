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
    if (held && message.status == pending)
        return ResultEffect::leaves;
    if (!was_taken(verdict))
        return ResultEffect::none;
    if (message.status == unknown && (verdict.step == NextStep::sent || !message.has_sent_at))
        return ResultEffect::resolves;
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

bool belongs_in_history(const Verdict& verdict, const MessageFacts& before) {
    return verdict.error && (verdict.attempts != before.attempts || verdict.error->error_class != before.error_class);
}

bool was_refused_before(const MessageFacts& message) {
    return std::ranges::find(kRefusals, message.error_class) != kRefusals.end();
}

ReceiptOutcome effect_of_receipt(bool delivered_at_last, const MessageFacts& message, const TicketFacts& ticket) {
    const bool handed_out = message.status != pending || message.attempts > 0 || message.maybe_sent || ticket.fence > 0;
    if (!handed_out)
        return ReceiptOutcome::kept;
    const auto next = delivered_at_last ? delivered : failed;
    return may_move(message.status, next, Actor::receipt) ? ReceiptOutcome::applied : ReceiptOutcome::no_news;
}

bool shows_older_copy(const MessageFacts& message, const TicketFacts& ticket) {
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
    if (ticket.begun || (ticket.at_once && flagged))
        return LostLease::unknown;
    return ticket.at_once && !ticket.interrupted ? LostLease::again_and_noted : LostLease::again;
}

const MessageError& lost_attempt() {
    static const MessageError error{"worker_lost", std::string(kUnknownClass),
                                    "the worker that was sending it ended without a word"};
    return error;
}

MessageStatus end_of_waiting(MessageStatus end, bool maybe_sent) {
    return maybe_sent ? unknown : end;
}

MessageStatus end_of_unknown(const MessageFacts& message) {
    const bool was_sent = std::ranges::find(kSentWithoutReceipt, message.error_class) != kSentWithoutReceipt.end();
    return was_sent ? sent : failed;
}

} // namespace smsbcast
