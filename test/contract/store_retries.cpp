#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>
#include <set>

// Results that put a message into a new ticket.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

void retries(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5);
    const auto ticket = driver.take_due();
    driver.record({not_sent(ticket, 1), accepted(ticket, 0), not_sent(ticket, 3)});
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(driver.get(id).counts[sending] == 2);
    const auto waiting = driver.look(ticket.messages[1].id);
    CHECK(waiting.message.attempts == 1);
    CHECK(waiting.message.error == MessageError{"refused", "not_sent", "no connection"});
    REQUIRE(waiting.attempts.size() == 1);
    CHECK(waiting.attempts[0].number == 1);

    const auto again = driver.take_due();
    CHECK(again.ref.id != ticket.ref.id);
    CHECK(again.ref.fence == 1);
    CHECK(again.broadcast == id);
    REQUIRE(again.messages.size() == 2);
    CHECK(again.messages[0].id == ticket.messages[1].id);
    CHECK(again.messages[1].id == ticket.messages[3].id);
    for (const auto& message : again.messages) {
        CHECK(message.attempts == 1);
        CHECK(message.key_generation == 1);
        CHECK_FALSE(message.maybe_sent);
    }
    driver.record({accepted(again, 0), not_sent(again, 1)});
    driver.record({accepted(ticket, 2), accepted(ticket, 4)});
    const auto third = driver.take_due();
    REQUIRE(third.messages.size() == 1);
    CHECK(third.messages[0].attempts == 2);
    CHECK(third.messages[0].key_generation == 2);
    driver.record(all_accepted(third));
    CHECK(driver.get(id).counts[sent] == 5);
    const auto end = driver.look(third.messages[0].id);
    CHECK_FALSE(end.message.error);
    REQUIRE(end.attempts.size() == 2);
    CHECK(end.attempts[0].number == 1);
    CHECK(end.attempts[1].number == 2);
    CHECK(driver.taken_messages() == 0);
}

void carries_uncertainty(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto ticket = driver.take_due();
    driver.record({resend(ticket)});
    const auto second = driver.take_due();
    CHECK(second.messages[0].maybe_sent);
    CHECK(second.messages[0].key_generation == 0);
    CHECK(second.messages[0].attempts == 1);
    driver.record(all_accepted(second));
    CHECK_FALSE(driver.look(ticket.messages[0].id).message.possible_duplicate);
}

void flags_what_may_go_out_twice(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    const auto first = driver.take_as(driver.worker(), driver.queue(), kLong, Handover::flagged).at(0);
    driver.record({resend(first, 0), not_sent(first, 1)});
    const auto flagged = [&](std::size_t place) {
        return driver.look(first.messages[place].id).message.possible_duplicate;
    };
    CHECK_FALSE(flagged(0)); // it may be canceled yet
    for (const auto& again : driver.take_as(driver.worker(), driver.queue(), kLong, Handover::flagged))
        driver.record(all_accepted(again, to_string(again.ref.id)));
    CHECK(flagged(0));
    CHECK_FALSE(flagged(1));
}

void remembers_a_refusal(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    const auto first = driver.take_due();
    CHECK_FALSE(first.messages[0].refused_before);
    driver.record({refused_for_now(first, 0), not_sent(first, 1)});
    const auto second = driver.take_due();
    REQUIRE(second.messages.size() == 2);
    CHECK(second.messages[0].refused_before);
    CHECK_FALSE(second.messages[1].refused_before);
    driver.record({not_sent(second, 0), not_sent(second, 1)}); // the last word counts
    const auto third = driver.take_due();
    REQUIRE(third.messages.size() == 2);
    CHECK_FALSE(third.messages[0].refused_before);
}

void waits_for_the_delay(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto ticket = driver.take_due();
    driver.record({not_sent(ticket, 0, kLong)});
    CHECK_FALSE(driver.load().work_due);
    CHECK(driver.claim().empty());
    driver.record({not_sent(ticket, 1, kShort)});
    std::vector<ClaimedTicket> due;
    driver.until([&] {
        due = driver.claim();
        return !due.empty();
    });
    REQUIRE(due.size() == 1);
    CHECK(due[0].messages == 1);
    const auto taken = driver.take(refs(due));
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].messages[0].id == ticket.messages[1].id);
    CHECK(driver.claim().empty());
    CHECK(driver.get(id).counts[pending] == 1);
}

// Those that were throttled come back sooner or later than those that failed, and those that have failed more often
// wait longer: each kind has a ticket of its own. Nobody waits for one that is throttled for much longer; of the others
// one draw of the jitter holds for all, so that not every ticket waits for the most unlucky one.
void groups_what_waits_alike(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(6);
    const auto ticket = driver.take_due();
    auto late = not_sent(ticket, 4);
    late.verdict.attempts = 3;
    driver.record({not_sent(ticket, 0), throttled(ticket, 1), not_sent(ticket, 2), throttled(ticket, 3, kLong), late,
                   not_sent(ticket, 5, kLong)});
    const auto claimed = driver.claim();
    std::multiset<int> sizes;
    for (const auto& one : claimed)
        sizes.insert(one.messages);
    CHECK(sizes == std::multiset<int>{1, 1, 3});
    std::multiset<int> attempts;
    for (const auto& one : driver.take(refs(claimed)))
        attempts.insert(one.messages[0].attempts);
    CHECK(attempts == std::multiset<int>{0, 1, 3});
}

void tells_throttling_once(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    auto ticket = driver.take_due();
    const auto id = ticket.messages[0].id;
    for (int i = 0; i < 4; ++i) {
        driver.record({throttled(ticket)});
        ticket = driver.take_due();
    }
    CHECK(driver.look(id).attempts.size() == 1);
    CHECK(driver.look(id).message.attempts == 0);
    CHECK(ticket.messages[0].key_generation == 4);
    driver.record({not_sent(ticket)});
    ticket = driver.take_due();
    CHECK(driver.look(id).attempts.size() == 2);
    for (int i = 0; i < 3; ++i) {
        driver.record({throttled(ticket)});
        ticket = driver.take_due();
    }
    const auto found = driver.look(id);
    REQUIRE(found.attempts.size() == 3);
    CHECK(found.attempts[0].error.error_class == "throttled");
    CHECK(found.attempts[1].error.error_class == "not_sent");
    CHECK(found.attempts[2].error.error_class == "throttled");
    CHECK(found.attempts[2].number == 1);
}

// While the provider is away, what it certainly did not take costs no attempt, for as long as that lasts.
void tells_an_outage_once(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    auto ticket = driver.take_due();
    const auto id = ticket.messages[0].id;
    const auto fail = [&](const char* error_class, bool costs) {
        auto result = not_sent(ticket);
        result.verdict.attempts = ticket.messages[0].attempts + (costs ? 1 : 0);
        result.verdict.error->error_class = error_class;
        driver.record({result});
        ticket = driver.take_due();
        return driver.look(id).attempts.size();
    };
    CHECK(fail("not_sent", false) == 1);
    CHECK(fail("not_sent", false) == 1);
    CHECK(fail("not_sent", true) == 2);
    for (int i = 0; i < 3; ++i)
        CHECK(fail("not_sent", false) == 2);
    CHECK(fail("throttled", false) == 3);
    CHECK(fail("throttled", false) == 3);
    CHECK(fail("not_sent", false) == 4);
    CHECK(fail("not_sent", true) == 5);
    const auto found = driver.look(id);
    CHECK(found.message.attempts == 2);
    std::vector<int> numbers;
    for (const auto& attempt : found.attempts)
        numbers.push_back(attempt.number);
    CHECK(numbers == std::vector<int>{0, 1, 1, 1, 2});
}

// A provider may throttle for days: what counts it must not run over.
void is_throttled_for_ever(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto ticket = driver.take_due();
    auto again = throttled(ticket);
    again.verdict.key_generation = 1'000'000;
    driver.record({again});
    const auto second = driver.take_due();
    CHECK(second.messages[0].key_generation == 1'000'000);
    driver.record(all_accepted(second));
    CHECK(driver.status(second.messages[0].id) == sent);
}

void shows_the_last_hundred_attempts(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    auto ticket = driver.take_due();
    for (int i = 0; i < 105; ++i) {
        driver.record({not_sent(ticket)});
        ticket = driver.take_due();
    }
    const auto attempts = driver.look(ticket.messages[0].id).attempts;
    REQUIRE(attempts.size() == 100);
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        CHECK(attempts[i].number == static_cast<int>(i) + 6);
        CHECK((i == 0 || attempts[i - 1].at <= attempts[i].at));
    }
}

void remembers_references(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4);
    const auto ticket = driver.take_due();
    std::vector<MessageResult> results;
    for (std::size_t i = 0; i < 4; ++i) {
        results.push_back(accepted(ticket, i, i < 2 ? "same" : "other-" + std::to_string(i)));
        if (i != 3)
            results.back().references = {*results.back().provider_id};
    }
    driver.record(results);
    CHECK(driver.receive({receipt_by("other-2"), receipt_by("other-3"), receipt_by("never")}) ==
          std::vector{ReceiptOutcome::applied, ReceiptOutcome::kept, ReceiptOutcome::kept});
    CHECK(driver.status(ticket.messages[2].id) == delivered);
    CHECK(driver.status(ticket.messages[3].id) == sent);
    // A provider that gives one id to two messages: one of them is meant, and no more than one may move.
    CHECK(driver.receive_one(receipt_by("same")) == ReceiptOutcome::applied);
    CHECK(driver.receive_one(receipt_by("same")) == ReceiptOutcome::no_news);
    CHECK(driver.get(id).counts[delivered] == 2);
    CHECK(driver.get(id).counts[sent] == 2);
}

constexpr StoreCase kRetryCases[] = {
    {"what is retried moves to a new ticket", retries},
    {"that a message may have been sent is carried along", carries_uncertainty},
    {"what may go out twice is flagged when it is taken again", flags_what_may_go_out_twice},
    {"that a message was refused is told when it is taken again", remembers_a_refusal},
    {"a retry waits for its delay", waits_for_the_delay},
    {"retries are grouped by kind", groups_what_waits_alike},
    {"of a run of throttled attempts one is told", tells_throttling_once},
    {"of a run of attempts that cost nothing one is told", tells_an_outage_once},
    {"a message may be throttled any number of times", is_throttled_for_ever},
    {"at most a hundred attempts are shown, oldest first", shows_the_last_hundred_attempts},
    {"provider ids are remembered where asked, and may collide", remembers_references},
};

} // namespace

std::span<const StoreCase> store_retry_cases() {
    return kRetryCases;
}

} // namespace smsbcast::test
