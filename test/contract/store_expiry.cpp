#include "store_cases.hpp"
#include "store_driver.hpp"

// Broadcasts with a time after which nothing of them is handed over.

namespace smsbcast::test {

namespace {

using enum MessageStatus;
using std::chrono::hours;

Timestamp ahead(milliseconds time) {
    return std::chrono::floor<milliseconds>(wall_clock()) + time;
}

void expire_all(StoreDriver& driver, milliseconds resolve_within = kResolve) {
    while (driver.expire_broadcasts(resolve_within) > 0) {
    }
}

void keeps_the_deadline(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto deadline = ahead(hours(1));
    const auto id = driver.create(2, 100, deadline), other = driver.create(1);
    CHECK(driver.get(id).expires_at == deadline);
    CHECK_FALSE(driver.get(other).expires_at);
    const auto all = fixture.run(fixture.broadcasts().list(driver.tenant(), {}, 10, fixture.deadline()));
    REQUIRE(all.has_value());
    REQUIRE(all->size() == 2);
    CHECK_FALSE(all->front().expires_at);
    CHECK(all->back().expires_at == deadline);
    for (const auto& ticket : driver.take(driver.queue())) {
        CHECK(ticket.expires_in.has_value() == (ticket.broadcast == id));
        if (ticket.expires_in) {
            CHECK(*ticket.expires_in <= hours(1));
            CHECK(*ticket.expires_in > hours(1) - kPatience);
        }
    }
    CHECK(driver.expire_broadcasts() == 0);
}

void expires_before_it_is_claimed(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5, 2, ahead(milliseconds(-1)));
    CHECK_FALSE(driver.load().work_due);
    CHECK(driver.claim().empty());
    const auto other = driver.create(1);
    CHECK(driver.claim().size() == 1);
    CHECK(driver.complete() == 0);
    expire_all(driver);
    const auto found = driver.get(id);
    CHECK(found.counts[expired] == 5);
    CHECK(found.status == BroadcastStatus::running);
    CHECK_FALSE(driver.look(driver.message_of(id)).message.queued_at);
    CHECK(driver.complete() == 1);
    CHECK(driver.get(id).status == BroadcastStatus::completed);
    CHECK(driver.get(id).completed_at);
    CHECK(driver.get(other).counts[expired] == 0);
}

// By the store's own clock.
void expires_when_its_time_comes(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto deadline = ahead(milliseconds(200));
    const auto id = driver.create(3, 1, deadline);
    driver.queue();
    driver.until([&] {
        driver.expire_broadcasts();
        return driver.get(id).counts[expired] == 3;
    });
    CHECK(wall_clock() >= deadline);
    CHECK(driver.complete() == 1);
}

void expires_in_the_queue(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 2);
    const auto queued_refs = driver.queue();
    fixture.expire(id);
    CHECK(driver.take({queued_refs[0]}).empty());
    CHECK(driver.get(id).counts[pending] == 2); // it went back
    CHECK(driver.get(id).counts[queued] == 2);
    CHECK_FALSE(driver.load().work_due);
    CHECK(driver.claim().empty());
    expire_all(driver);
    CHECK(driver.get(id).counts[expired] == 4);
    CHECK(driver.look(driver.message_of(id, 3)).message.queued_at);
    CHECK(driver.take(queued_refs).empty());
    CHECK(driver.complete() == 1);
}

void expires_in_a_workers_hands(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5);
    const auto ticket = driver.take(driver.queue()).at(0);
    driver.record({accepted(ticket, 0)});
    std::vector<BroadcastId> asked{id};
    auto halted = fixture.run(fixture.tickets().not_running(asked, fixture.deadline()));
    CHECK(halted.value().empty());
    fixture.expire(id);
    halted = fixture.run(fixture.tickets().not_running(asked, fixture.deadline()));
    CHECK(halted.value() == asked);
    CHECK(driver.renew({ticket.ref}).halted == std::vector{ticket.ref.id});
    CHECK(driver.expire_broadcasts() == 0);
    CHECK(driver.get(id).counts[sending] == 4);

    driver.record({accepted(ticket, 1), rejected(ticket, 2)}); // what was on its way
    driver.give_back({ticket.ref});
    CHECK(driver.claim().empty());
    expire_all(driver);
    const auto counts = driver.get(id).counts;
    CHECK(counts[sent] == 2);
    CHECK(counts[failed] == 1);
    CHECK(counts[expired] == 2);
    CHECK(driver.complete() == 1);
}

void does_not_call_uncertain_ones_expired(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4);
    const auto ticket = driver.take_due();
    driver.record({resend(ticket, 0), not_sent(ticket, 1), resend(ticket, 2)});
    fixture.expire(id);
    driver.give_back({ticket.ref});
    expire_all(driver, kShort);
    CHECK(driver.status(ticket.messages[0].id) == unknown);
    CHECK(driver.status(ticket.messages[1].id) == expired);
    CHECK(driver.status(ticket.messages[2].id) == unknown);
    CHECK(driver.status(ticket.messages[3].id) == expired);
    CHECK(driver.complete() == 0);
    CHECK(driver.receive_one(receipt_of(ticket.messages[2].id)) == ReceiptOutcome::applied);
    CHECK(driver.status(ticket.messages[2].id) == delivered);
    driver.until([&] { return driver.end_unresolved() == 1; });
    CHECK(driver.status(ticket.messages[0].id) == failed);
    CHECK(driver.complete() == 1);
}

// The worker that had it handed messages over at once, and ended without a word.
void does_not_call_interrupted_ones_expired(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto taken = driver.take_as(driver.worker(), driver.queue(), milliseconds(1), Handover::at_once);
    REQUIRE(taken.size() == 1);
    fixture.expire(id);
    CHECK(driver.expire_broadcasts() == 0);
    driver.until([&] { return driver.expire_leases() == 1; });
    expire_all(driver);
    CHECK(driver.get(id).counts[unknown] == 2);
}

void expires_what_is_to_be_retried_later(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto ticket = driver.take_due();
    driver.record({not_sent(ticket, 0, kLong), accepted(ticket, 1)});
    fixture.expire(id);
    expire_all(driver);
    const auto found = driver.look(ticket.messages[0].id);
    CHECK(found.message.status == expired);
    CHECK(found.message.attempts == 1);
    CHECK(found.message.error); // what the attempt came to stays
    CHECK(driver.complete() == 1);
}

void expires_a_paused_one(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 1);
    driver.command(id, BroadcastCommand::pause);
    fixture.expire(id);
    expire_all(driver);
    CHECK(driver.get(id).counts[expired] == 4);
    CHECK(driver.get(id).status == BroadcastStatus::paused);
    CHECK(driver.complete() == 1);
}

void leaves_a_canceled_one_alone(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3, 1);
    driver.command(id, BroadcastCommand::cancel);
    fixture.expire(id);
    CHECK(driver.expire_broadcasts() == 0);
    while (driver.finish_cancels() > 0) {
    }
    CHECK(driver.get(id).counts[canceled] == 3);
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
}

void receipts_do_not_revive(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    fixture.expire(id);
    expire_all(driver);
    for (const bool good : {true, false})
        CHECK(driver.receive_one(receipt_of(driver.message_of(id), good)) == ReceiptOutcome::no_news);
    CHECK(driver.get(id).counts[expired] == 2);
}

void expires_a_large_one(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6000, 10);
    driver.queue();
    fixture.expire(id);
    int rounds = 0;
    while (driver.expire_broadcasts() > 0)
        ++rounds;
    CHECK(rounds > 1); // in bounded transactions
    CHECK(driver.get(id).counts[expired] == 6000);
    driver.check_counts();
    CHECK(driver.complete() == 1);
}

constexpr StoreCase kExpiryCases[] = {
    {"a deadline is kept, and told to whom takes a ticket", keeps_the_deadline},
    {"a broadcast past its deadline is not claimed, and expires", expires_before_it_is_claimed},
    {"it expires when its time comes", expires_when_its_time_comes},
    {"what expired in the queue is not taken", expires_in_the_queue},
    {"what a worker holds expires when it gives it back", expires_in_a_workers_hands},
    {"what may have been sent is not called expired", does_not_call_uncertain_ones_expired},
    {"nor is what an interrupted attempt may have sent", does_not_call_interrupted_ones_expired},
    {"what is to be retried later expires", expires_what_is_to_be_retried_later},
    {"a paused broadcast expires", expires_a_paused_one},
    {"what is being canceled does not expire", leaves_a_canceled_one_alone},
    {"a receipt does not revive an expired message", receipts_do_not_revive},
    {"a large broadcast expires in steps", expires_a_large_one},
};

} // namespace

std::span<const StoreCase> store_expiry_cases() {
    return kExpiryCases;
}

} // namespace smsbcast::test
