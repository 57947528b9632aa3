#include "smsbcast/domain/retry_policy.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;

namespace {

PendingMessage message(int attempts = 0, bool maybe_sent = false, int key_generation = 0) {
    PendingMessage m;
    m.attempts = attempts;
    m.maybe_sent = maybe_sent;
    m.key_generation = key_generation;
    return m;
}

RetryOptions options(UnknownPolicy policy = UnknownPolicy::resend_same_key) {
    RetryOptions o;
    o.unknown_policy = policy;
    return o;
}

} // namespace

TEST_CASE("the pause doubles up to the cap, and the draw takes a share of it", "[domain][retry]") {
    const auto o = options();
    CHECK(backoff(o, 1, 0.0) == 0ms);
    CHECK(backoff(o, 1, 0.5) == 1000ms);
    CHECK(backoff(o, 2, 0.5) == 2000ms);
    CHECK(backoff(o, 5, 0.5) == 16000ms);
    CHECK(backoff(o, 30, 0.5) == o.cap / 2);
    CHECK(backoff(o, 5000, 0.999) <= o.cap);
}

TEST_CASE("accepted ends it", "[domain][retry]") {
    const auto verdict = decide(message(2), Accepted{"p1"}, options(), 0.5);
    CHECK(verdict.step == NextStep::sent);
    CHECK(verdict.attempts == 3);
    CHECK_FALSE(verdict.error);
}

TEST_CASE("rejected fails at once and says why", "[domain][retry]") {
    const auto verdict = decide(message(), Rejected{"http_400", "bad number"}, options(), 0.5);
    CHECK(verdict.step == NextStep::failed);
    CHECK(verdict.error == MessageError{"http_400", "rejected", "bad number"});
}

TEST_CASE("throttled costs no attempt, waits as asked, and takes a new key", "[domain][retry]") {
    const auto verdict = decide(message(5), Throttled{3s, "http_429", "slow down"}, options(), 0.0);
    CHECK(verdict.step == NextStep::retry);
    CHECK(verdict.attempts == 5);
    CHECK(verdict.key_generation == 1);
    CHECK(verdict.delay == 3s);
    CHECK(verdict.error == MessageError{"http_429", "throttled", "slow down"});
    CHECK(decide(message(), Throttled{3s, "", ""}, options(), 0.99).delay <= 4500ms);
    CHECK(decide(message(), Throttled{0s, "", ""}, options(), 0.0).delay == 1s);
}

TEST_CASE("not sent is tried again until the attempts are used up", "[domain][retry]") {
    const NotSent outcome{"connect_refused", "nobody listens"};
    const auto first = decide(message(0), outcome, options(), 0.5);
    CHECK(first.step == NextStep::retry);
    CHECK(first.attempts == 1);
    CHECK(first.key_generation == 1);
    const auto last = decide(message(5), outcome, options(), 0.5);
    CHECK(last.step == NextStep::failed);
    CHECK(last.error->error_class == "attempts_exhausted");
    CHECK(last.error->code == "connect_refused");
}

TEST_CASE("an uncertain outcome goes by the policy", "[domain][retry]") {
    const Uncertain outcome{"timeout", "no answer"};
    SECTION("the same key again") {
        const auto verdict = decide(message(0), outcome, options(UnknownPolicy::resend_same_key), 0.5);
        CHECK(verdict.step == NextStep::retry);
        CHECK(verdict.key_generation == 0);
        CHECK(verdict.maybe_sent);
    }
    SECTION("wait for a receipt") {
        const auto verdict = decide(message(0), outcome, options(UnknownPolicy::wait_then_fail), 0.5);
        CHECK(verdict.step == NextStep::unknown);
        CHECK(verdict.error->error_class == "unknown");
    }
    SECTION("send again and say so") {
        const auto verdict = decide(message(0), outcome, options(UnknownPolicy::resend), 0.5);
        CHECK(verdict.step == NextStep::retry);
        CHECK(verdict.maybe_sent); // flagged when it is taken again
    }
}

TEST_CASE("the key stays while an earlier submission under it may have been taken", "[domain][retry]") {
    const auto verdict = decide(message(1, true, 2), NotSent{"connect_refused", ""}, options(), 0.5);
    CHECK(verdict.key_generation == 2);
    CHECK(verdict.maybe_sent);
    CHECK(decide(message(1, true, 2), Throttled{1s, "", ""}, options(), 0.5).key_generation == 2);
}

TEST_CASE("who is throttled whenever it comes back comes back ever more rarely", "[domain][retry]") {
    const auto delay = [](int refusals) {
        return decide(message(0, false, refusals), Throttled{1s, "429", ""}, options(), 0.5).delay;
    };
    CHECK(delay(0) == 1250ms);
    CHECK(delay(3) == 1250ms);
    CHECK(delay(6) == 4000ms);
    CHECK(delay(30) == options().cap / 2);
    CHECK(decide(message(5, false, 30), Throttled{1s, "429", ""}, options(), 0.5).attempts == 5);
}

TEST_CASE("attempts used up after an uncertain one leave it unknown, not failed", "[domain][retry]") {
    CHECK(decide(message(5, true), NotSent{"connect_refused", ""}, options(), 0.5).step == NextStep::unknown);
    CHECK(decide(message(5, true), Uncertain{"timeout", ""}, options(), 0.5).step == NextStep::unknown);
    CHECK(decide(message(5), Uncertain{"timeout", ""}, options(), 0.5).step == NextStep::unknown);
    CHECK(decide(message(5), Uncertain{"timeout", ""}, options(UnknownPolicy::resend), 0.5).step == NextStep::unknown);
    const auto last = decide(message(5, true), NotSent{"connect_refused", ""}, options(UnknownPolicy::resend), 0.5);
    CHECK(last.step == NextStep::unknown);
}

TEST_CASE("resending happens once more and no more", "[domain][retry]") {
    const auto o = options(UnknownPolicy::resend);
    const auto first = decide(message(), Uncertain{"http_500", "crashed"}, o, 0.5);
    REQUIRE(first.step == NextStep::retry);
    const auto second = decide(message(first.attempts, first.maybe_sent), Uncertain{"timeout", "no answer"}, o, 0.5);
    CHECK(second.step == NextStep::unknown);
    CHECK(second.attempts == 2);
    CHECK(second.error == MessageError{"timeout", "unknown", "no answer"});
    // What was certainly not taken has not been sent a second time.
    CHECK(decide(message(1, true), Throttled{1s, "http_503", ""}, o, 0.5).step == NextStep::retry);
    CHECK(decide(message(1, true), NotSent{"connect_refused", ""}, o, 0.5).step == NextStep::retry);
}

TEST_CASE("what was taken without an id is never sent again", "[domain][retry]") {
    const auto policy = GENERATE(UnknownPolicy::resend, UnknownPolicy::resend_same_key, UnknownPolicy::wait_then_fail);
    const auto verdict =
        decide(message(), Unidentified{"no_provider_id", "Insufficient balance"}, options(policy), 0.5);
    CHECK(verdict.step == NextStep::unknown);
    CHECK(verdict.attempts == 1);
    CHECK(verdict.error == MessageError{"no_provider_id", "unidentified", "Insufficient balance"});
}

TEST_CASE("what was taken by an answer that broke off is asked for again under its key alone", "[domain][retry]") {
    const Uncertain broken{"closed", "cut", true};
    for (const auto policy : {UnknownPolicy::resend, UnknownPolicy::wait_then_fail}) {
        const auto verdict = decide(message(), broken, options(policy), 0.5);
        CHECK(verdict.step == NextStep::unknown);
        CHECK(verdict.error == MessageError{"closed", "unidentified", "cut"});
    }
    const auto o = options(UnknownPolicy::resend_same_key);
    CHECK(decide(message(), broken, o, 0.5).step == NextStep::retry);
    CHECK(decide(message(), broken, o, 0.5).key_generation == message().key_generation);
    const auto last = decide(message(o.max_attempts - 1, true), broken, o, 0.5);
    CHECK(last.step == NextStep::unknown);
    CHECK(last.attempts == o.max_attempts);
    CHECK(last.error == MessageError{"closed", "unidentified", "cut"});
}

TEST_CASE("what the provider refuses to everybody costs the message nothing", "[domain][retry]") {
    const auto verdict = decide(message(5, false, 2), Refused{"http_402", "no credit"}, options(), 0.5);
    CHECK(verdict.step == NextStep::retry);
    CHECK(verdict.attempts == 5);
    CHECK(verdict.key_generation == 3);
    CHECK(verdict.delay <= options().base);
    CHECK(verdict.error == MessageError{"http_402", "refused", "no credit"});
    CHECK(decide(message(5, true, 2), Refused{"http_402", ""}, options(), 0.5).key_generation == 2);
}

TEST_CASE("a disputed refusal costs an attempt, and is remembered once it is proven", "[domain][retry]") {
    const auto verdict = decide(message(), Disputed{"http_403", "opted out"}, options(), 0.5);
    CHECK(verdict.step == NextStep::retry);
    CHECK(verdict.attempts == 1);
    CHECK(verdict.error == MessageError{"http_403", "disputed", "opted out"});
    CHECK(decide(message(), Disputed{"http_403", "", true}, options(), 0.5).error->error_class == "rejected");
    const auto last = decide(message(5), Disputed{"http_403", "opted out"}, options(), 0.5);
    CHECK(last.step == NextStep::failed);
    CHECK(last.error == MessageError{"http_403", "attempts_exhausted", "opted out"});
}

TEST_CASE("while the provider is away, what was certainly not taken costs no attempt", "[domain][retry]") {
    const NotSent outcome{"connect_refused", "nobody listens"};
    const auto verdict = decide(message(5, false, 3), outcome, options(), 0.5, true);
    CHECK(verdict.step == NextStep::retry);
    CHECK(verdict.attempts == 5);
    CHECK(verdict.key_generation == 4);
    CHECK(verdict.delay == backoff(options(), 5, 0.5));
    CHECK(verdict.error == MessageError{"connect_refused", "not_sent", "nobody listens"});
    CHECK(decide(message(0), outcome, options(), 0.5, true).delay == 1000ms);
    // An uncertain one may have been taken, whatever the others came to.
    CHECK(decide(message(4), Uncertain{"timeout", ""}, options(), 0.5, true).attempts == 5);
}
