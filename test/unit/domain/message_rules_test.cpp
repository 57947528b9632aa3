#include "smsbcast/domain/message_rules.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;

namespace {

using enum MessageStatus;

constexpr auto kSteps = {NextStep::sent, NextStep::failed, NextStep::unknown, NextStep::retry};

Verdict verdict_of(NextStep step) {
    Verdict verdict;
    verdict.step = step;
    return verdict;
}

Verdict taken_without_an_id() {
    auto verdict = verdict_of(NextStep::unknown);
    verdict.error = MessageError{"no_provider_id", std::string(kUnidentified), ""};
    return verdict;
}

Verdict failed_with(std::string error_class, int attempts) {
    auto verdict = verdict_of(NextStep::retry);
    verdict.attempts = attempts;
    verdict.error = MessageError{"a code", std::move(error_class), "a sentence"};
    return verdict;
}

MessageFacts message_in(MessageStatus status, bool has_sent_at = false, std::string_view error_class = "") {
    MessageFacts message;
    message.status = status;
    message.has_sent_at = has_sent_at;
    message.error_class = error_class;
    return message;
}

ResultEffect effect(NextStep step, const MessageFacts& message, bool held = false) {
    return effect_of_result(verdict_of(step), message, held);
}

} // namespace

TEST_CASE("message rules: a message leaves a ticket that is held, whatever became of it", "[domain][rules]") {
    for (const auto step : kSteps) {
        CHECK(effect(step, message_in(pending), true) == ResultEffect::leaves);
        CHECK(effect(step, message_in(pending), false) == ResultEffect::none);
    }
}

TEST_CASE("message rules: of a message that is in no ticket any more, an acceptance alone counts", "[domain][rules]") {
    for (const auto step : kSteps)
        for (const auto status : kMessageStatuses)
            for (const bool held : {false, true})
                if (status != pending && step != NextStep::sent)
                    CHECK(effect(step, message_in(status, false, kByReceipt), held) == ResultEffect::none);
    CHECK(effect(NextStep::sent, message_in(unknown, false, "unknown")) == ResultEffect::resolves);
    CHECK(effect(NextStep::sent, message_in(sent, true), true) == ResultEffect::none);
    for (const auto status : {canceled, expired, suppressed})
        CHECK(effect(NextStep::sent, message_in(status)) == ResultEffect::none);
}

TEST_CASE("message rules: an acceptance completes what a receipt moved first, once", "[domain][rules]") {
    CHECK(effect(NextStep::sent, message_in(delivered), true) == ResultEffect::completes);
    CHECK(effect(NextStep::sent, message_in(delivered, true), true) == ResultEffect::none);
    CHECK(effect(NextStep::sent, message_in(failed, false, kByReceipt)) == ResultEffect::completes);
    CHECK(effect(NextStep::sent, message_in(failed, true, kByReceipt)) == ResultEffect::none);
    CHECK(effect(NextStep::sent, message_in(failed, false, "rejected")) == ResultEffect::none);
}

TEST_CASE("message rules: what was taken without an id is known to be sent, and waits for a receipt",
          "[domain][rules]") {
    const auto taken = taken_without_an_id();
    CHECK(was_taken(taken));
    CHECK(was_taken(verdict_of(NextStep::sent)));
    CHECK_FALSE(was_taken(verdict_of(NextStep::unknown)));
    CHECK_FALSE(was_taken(failed_with(std::string(kUnidentified), 1)));
    CHECK(effect_of_result(taken, message_in(pending), true) == ResultEffect::leaves);
    CHECK(effect_of_result(taken, message_in(unknown, false, "unknown"), false) == ResultEffect::resolves);
    CHECK(effect_of_result(taken, message_in(unknown, true, "unidentified"), false) == ResultEffect::none);
    CHECK(effect_of_result(taken, message_in(delivered), true) == ResultEffect::completes);
    CHECK(effect_of_result(taken, message_in(sent, true), true) == ResultEffect::none);
    CHECK(effect(NextStep::sent, message_in(unknown, true, "unidentified")) == ResultEffect::resolves);
}

TEST_CASE("message rules: a step leads to a status that the worker may move a message to", "[domain][rules]") {
    for (const auto step : kSteps)
        CHECK(may_move(sending, status_after(step), Actor::worker));
}

TEST_CASE("message rules: of a run of attempts that cost nothing the first is in the history", "[domain][rules]") {
    auto before = message_in(pending, false, "throttled");
    before.attempts = 1;
    CHECK_FALSE(belongs_in_history(verdict_of(NextStep::sent), before));
    CHECK_FALSE(belongs_in_history(failed_with("throttled", 1), before));
    CHECK(belongs_in_history(failed_with("not_sent", 1), before));
    CHECK(belongs_in_history(failed_with("throttled", 2), before));
    CHECK(belongs_in_history(failed_with("throttled", 0), message_in(pending)));
}

TEST_CASE("message rules: a message that waits to be handed over has no receipts", "[domain][rules]") {
    for (const bool good : {true, false}) {
        auto message = message_in(pending);
        TicketFacts ticket;
        CHECK(effect_of_receipt(good, message, ticket) == ReceiptOutcome::kept);
        ticket.fence = 1;
        CHECK(effect_of_receipt(good, message, ticket) == ReceiptOutcome::applied);
        ticket.fence = 0;
        message.attempts = 1; // which the provider did not take
        CHECK(effect_of_receipt(good, message, ticket) == ReceiptOutcome::kept);
        message.maybe_sent = true;
        CHECK(effect_of_receipt(good, message, ticket) == ReceiptOutcome::applied);
    }
}

TEST_CASE("message rules: a message that was never taken is not delivered after all", "[domain][rules]") {
    for (const auto error_class : kNeverTaken) {
        auto message = message_in(failed, false, error_class);
        CHECK(effect_of_receipt(true, message, {}) == ReceiptOutcome::kept);
        CHECK(effect_of_receipt(false, message, {}) == ReceiptOutcome::no_news);
        message.maybe_sent = true; // an earlier attempt may have been taken
        CHECK(effect_of_receipt(true, message, {}) == ReceiptOutcome::applied);
    }
    for (const auto* error_class : {"", "receipt", "unknown", "throttled"})
        CHECK(effect_of_receipt(true, message_in(failed, false, error_class), {}) == ReceiptOutcome::applied);
}

TEST_CASE("message rules: a receipt moves a message forward only", "[domain][rules]") {
    for (const auto status : {sent, unknown})
        for (const bool good : {true, false})
            CHECK(effect_of_receipt(good, message_in(status), {}) == ReceiptOutcome::applied);
    CHECK(effect_of_receipt(true, message_in(failed), {}) == ReceiptOutcome::applied);
    CHECK(effect_of_receipt(false, message_in(failed), {}) == ReceiptOutcome::no_news);
    for (const auto status : {delivered, canceled, expired, suppressed})
        for (const bool good : {true, false})
            CHECK(effect_of_receipt(good, message_in(status), {}) == ReceiptOutcome::no_news);
}

TEST_CASE("message rules: a receipt for a first ticket that nobody took shows an older copy", "[domain][rules]") {
    for (const auto status : kMessageStatuses)
        for (const int attempt : {0, 1})
            for (const bool is_first : {false, true})
                CHECK(shows_older_copy(message_in(status), {attempt, is_first}) ==
                      (status == pending && attempt == 0 && is_first));
}

TEST_CASE("message rules: a receipt of failure has the provider's code, or one of ours", "[domain][rules]") {
    CHECK(not_delivered("E1").code == "E1");
    CHECK(not_delivered(std::nullopt).code == "not_delivered");
    CHECK(not_delivered("E1").error_class == kByReceipt);
}

TEST_CASE("message rules: a receipt that finds no message waits longer each time", "[domain][rules]") {
    CHECK(inbox_pause(0) == 400ms);
    CHECK(inbox_pause(1) == 800ms);
    CHECK(inbox_pause(10) == 409'600ms);
    CHECK(inbox_pause(11) == 10min);
    CHECK(inbox_pause(1'000'000) == 10min);
}

TEST_CASE("message rules: what a lost worker may have sent to a provider without keys is unknown", "[domain][rules]") {
    for (const bool at_once : {false, true})
        for (const bool interrupted : {false, true})
            for (const bool flagged : {false, true}) {
                TicketFacts ticket{1, true, false, at_once, interrupted};
                const auto again = at_once && !interrupted ? LostLease::again_and_noted : LostLease::again;
                CHECK(effect_of_lost_lease(ticket, flagged) == (at_once && flagged ? LostLease::unknown : again));
                ticket.begun = true;
                CHECK(effect_of_lost_lease(ticket, flagged) == LostLease::unknown);
            }
}

TEST_CASE("message rules: what may have been sent is neither canceled nor expired", "[domain][rules]") {
    for (const auto end : {canceled, expired}) {
        CHECK(end_of_waiting(end, false) == end);
        CHECK(end_of_waiting(end, true) == unknown);
        CHECK(may_move(pending, end, Actor::sweeper));
    }
}

TEST_CASE("message rules: an unknown message whose time is up was sent where the provider took it", "[domain][rules]") {
    for (const auto error_class : {"unidentified", "assumed_sent"})
        CHECK(end_of_unknown(message_in(unknown, true, error_class)) == sent);
    for (const auto error_class : {"", "unknown", "attempts_exhausted", "receipt"})
        CHECK(end_of_unknown(message_in(unknown, false, error_class)) == failed);
}

TEST_CASE("message rules: a refusal may have been meant for the message itself", "[domain][rules]") {
    CHECK(was_refused_before(message_in(pending, false, "rejected")));
    CHECK(was_refused_before(message_in(pending, false, "disputed")));
    CHECK_FALSE(was_refused_before(message_in(pending, false, "refused")));
    CHECK_FALSE(was_refused_before(message_in(pending)));
}
