#include "adapters/sqlite/result_effect.hpp"

#include <catch2/catch.hpp>

namespace smsbcast::adapters::sqlite {

namespace {

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

} // namespace

TEST_CASE("a message leaves a ticket that is held, whatever became of it", "[sqlite]") {
    for (const auto step : kSteps) {
        CHECK(effect_of(verdict_of(step), {MessageStatus::pending, false, ""}, true) == ResultEffect::leaves);
        CHECK(effect_of(verdict_of(step), {MessageStatus::pending, false, ""}, false) == ResultEffect::none);
    }
}

TEST_CASE("of a message that is in no ticket any more, an acceptance alone counts", "[sqlite]") {
    for (const auto step : kSteps)
        for (const auto status : kMessageStatuses)
            for (const bool held : {false, true}) {
                if (status == MessageStatus::pending || step == NextStep::sent)
                    continue;
                CHECK(effect_of(verdict_of(step), {status, false, "receipt"}, held) == ResultEffect::none);
            }
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::unknown, false, "unknown"}, false) ==
          ResultEffect::resolves);
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::sent, true, ""}, true) == ResultEffect::none);
    for (const auto status : {MessageStatus::canceled, MessageStatus::expired, MessageStatus::suppressed})
        CHECK(effect_of(verdict_of(NextStep::sent), {status, false, ""}, false) == ResultEffect::none);
}

TEST_CASE("an acceptance completes what a receipt moved first, once", "[sqlite]") {
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::delivered, false, ""}, true) ==
          ResultEffect::completes);
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::delivered, true, ""}, true) == ResultEffect::none);
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::failed, false, "receipt"}, false) ==
          ResultEffect::completes);
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::failed, true, "receipt"}, false) == ResultEffect::none);
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::failed, false, "rejected"}, false) ==
          ResultEffect::none);
}

TEST_CASE("what was taken without an id is known to be sent, and waits for a receipt", "[sqlite]") {
    const auto taken = taken_without_an_id();
    CHECK(was_taken(taken));
    CHECK_FALSE(was_taken(verdict_of(NextStep::unknown)));
    CHECK(effect_of(taken, {MessageStatus::pending, false, ""}, true) == ResultEffect::leaves);
    CHECK(effect_of(taken, {MessageStatus::unknown, false, "unknown"}, false) == ResultEffect::resolves);
    CHECK(effect_of(taken, {MessageStatus::unknown, true, "unidentified"}, false) == ResultEffect::none);
    CHECK(effect_of(taken, {MessageStatus::delivered, false, ""}, true) == ResultEffect::completes);
    CHECK(effect_of(taken, {MessageStatus::sent, true, ""}, true) == ResultEffect::none);
    CHECK(effect_of(verdict_of(NextStep::sent), {MessageStatus::unknown, true, "unidentified"}, false) ==
          ResultEffect::resolves);
}

TEST_CASE("of a run of attempts that cost nothing the first is told", "[sqlite]") {
    const MessageError throttled{"429", "throttled", "later"}, refused{"refused", "not_sent", "no connection"};
    CHECK_FALSE(is_told(std::nullopt, 1, "", 1));
    CHECK(is_told(throttled, 0, "", 0));
    CHECK(is_told(throttled, 1, "not_sent", 1));
    CHECK_FALSE(is_told(throttled, 1, "throttled", 1));
    CHECK_FALSE(is_told(refused, 1, "not_sent", 1));
    CHECK(is_told(refused, 2, "not_sent", 1));
    CHECK(is_told(refused, 1, "throttled", 1));
}

TEST_CASE("a message that was never handed out has no receipts", "[sqlite]") {
    CHECK_FALSE(may_have_receipts(MessageStatus::pending, 0, false, 0));
    CHECK(may_have_receipts(MessageStatus::pending, 1, false, 0));
    CHECK(may_have_receipts(MessageStatus::pending, 0, true, 0));
    CHECK(may_have_receipts(MessageStatus::pending, 0, false, 1));
    for (const auto status : kMessageStatuses)
        CHECK((status == MessageStatus::pending || may_have_receipts(status, 0, false, 0)));
}

} // namespace smsbcast::adapters::sqlite
