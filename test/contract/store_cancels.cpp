#include "store_cases.hpp"
#include "store_driver.hpp"

// Canceling a broadcast.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

void cancels_what_waits(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(10, 2), other = driver.create(3);
    auto claimed = driver.claim(100);
    std::erase_if(claimed, [&](const ClaimedTicket& ticket) { return ticket.broadcast != id; });
    REQUIRE(claimed.size() == 5);
    const auto all = refs(claimed);
    driver.mark_queued({all[0], all[1], all[2]});
    const auto taken = driver.take({all[1], all[2]});
    driver.record({accepted(taken[0], 0), rejected(taken[0], 1)});
    CHECK(driver.command(id, BroadcastCommand::cancel) == BroadcastStatus::canceling);
    CHECK(driver.finish_cancels() > 0);
    auto counts = driver.get(id).counts;
    CHECK(counts[canceled] == 6);
    CHECK(counts[sending] == 2);
    CHECK(counts[sent] == 1);
    CHECK(counts[failed] == 1);
    CHECK(driver.get(id).status == BroadcastStatus::canceling); // a worker holds a ticket
    CHECK(driver.finish_cancels() == 0);
    CHECK(driver.complete() == 0);

    driver.record({accepted(taken[1], 0)});
    driver.give_back({taken[1].ref});
    while (driver.finish_cancels() > 0) {
    }
    CHECK(driver.get(id).counts[canceled] == 7);
    CHECK(driver.get(id).counts[sent] == 2);
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
    CHECK(driver.get(id).completed_at);
    CHECK(driver.take(all).empty());
    CHECK(driver.get(other).counts[pending] == 3);
    CHECK(driver.receive_one(receipt_of(taken[0].messages[0].id)) == ReceiptOutcome::applied);
}

void does_not_call_uncertain_ones_canceled(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    driver.record({resend(ticket, 0), not_sent(ticket, 1)});
    driver.command(id, BroadcastCommand::cancel);
    driver.give_back({ticket.ref});
    while (driver.finish_cancels(kShort) > 0) {
    }
    CHECK(driver.status(ticket.messages[0].id) == unknown);
    CHECK(driver.status(ticket.messages[1].id) == canceled);
    CHECK(driver.status(ticket.messages[2].id) == canceled);
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
    driver.until([&] { return driver.end_unresolved() == 1; });
    CHECK(driver.status(ticket.messages[0].id) == failed);
}

void cancels_what_comes_back_later(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3, 1);
    const auto taken = driver.take(driver.queue());
    REQUIRE(taken.size() == 3);
    REQUIRE(driver.mark_in_flight({taken[1].ref}).size() == 1);
    driver.renew({taken[0].ref, taken[1].ref}, kShort);
    driver.command(id, BroadcastCommand::cancel);
    driver.record({not_sent(taken[2])}); // the answer came after the command: a new ticket
    driver.until([&] {
        driver.expire_leases();
        driver.finish_cancels();
        return driver.get(id).status == BroadcastStatus::canceled;
    });
    CHECK(driver.status(taken[0].messages[0].id) == canceled);
    CHECK(driver.status(taken[1].messages[0].id) == unknown);
    CHECK(driver.status(taken[2].messages[0].id) == canceled);
}

void cancels_a_paused_one(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 1);
    driver.command(id, BroadcastCommand::pause);
    CHECK(driver.command(id, BroadcastCommand::cancel) == BroadcastStatus::canceling);
    while (driver.finish_cancels() > 0) {
    }
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
    CHECK(driver.get(id).counts[canceled] == 4);
}

void cancels_what_is_over(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    driver.record(all_accepted(driver.take_due()));
    driver.command(id, BroadcastCommand::cancel); // before a sweep completed it
    while (driver.finish_cancels() > 0) {
    }
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
    CHECK(driver.get(id).counts[sent] == 2);
}

void cancels_a_large_one(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6000, 10);
    driver.queue();
    driver.command(id, BroadcastCommand::cancel);
    int rounds = 0;
    while (driver.finish_cancels() > 0)
        ++rounds;
    CHECK(rounds > 1); // in bounded transactions
    CHECK(driver.get(id).counts[canceled] == 6000);
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
    driver.check_counts();
}

constexpr StoreCase kCancelCases[] = {
    {"canceling ends what waits and lets go what is held", cancels_what_waits},
    {"what may have been sent is not called canceled", does_not_call_uncertain_ones_canceled},
    {"what comes back later is canceled then", cancels_what_comes_back_later},
    {"a paused broadcast can be canceled", cancels_a_paused_one},
    {"a broadcast with nothing left can be canceled", cancels_what_is_over},
    {"a large broadcast is canceled in steps", cancels_a_large_one},
};

} // namespace

std::span<const StoreCase> store_cancel_cases() {
    return kCancelCases;
}

} // namespace smsbcast::test
