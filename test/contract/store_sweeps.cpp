#include "store_cases.hpp"
#include "store_driver.hpp"

// What time and crashes leave behind.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

void expires_leases(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 2);
    const auto queued_refs = driver.queue();
    const auto early = driver.take({queued_refs[0]}, kShort), late = driver.take({queued_refs[1]}, kLong);
    driver.record({accepted(early[0], 0)});
    driver.until([&] { return driver.expire_leases() == 1; });
    CHECK(driver.expire_leases() == 0);
    const auto counts = driver.get(id).counts;
    CHECK(counts[sent] == 1);
    CHECK(counts[pending] == 1);
    CHECK(counts[sending] == 2);
    const auto again = driver.take_due();
    CHECK(again.ref == TicketRef{early[0].ref.id, 2}); // the attempt stays spent
    REQUIRE(again.messages.size() == 1);
    CHECK(again.messages[0].attempts == 0);
    CHECK_FALSE(again.messages[0].maybe_sent);
    CHECK(driver.renew(refs(late)).lost.empty());
}

void expires_what_was_begun(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    REQUIRE(driver.mark_in_flight({ticket.ref}).size() == 1);
    driver.record({accepted(ticket, 0), not_sent(ticket, 1)});
    driver.renew({ticket.ref}, milliseconds(1));
    driver.until([&] { return driver.expire_leases() == 1; });
    const auto counts = driver.get(id).counts;
    CHECK(counts[sent] == 1);
    CHECK(counts[pending] == 1); // its ticket is another one by now
    CHECK(counts[unknown] == 1);
    const auto lost = driver.look(ticket.messages[2].id);
    CHECK(lost.message.attempts == 1);
    REQUIRE(lost.message.error);
    CHECK(lost.message.error->error_class == "unknown");
    CHECK(lost.message.queued_at);
    CHECK(lost.attempts.size() == 1);
    const auto rest = driver.take_due();
    REQUIRE(rest.messages.size() == 1);
    CHECK(rest.messages[0].id == ticket.messages[1].id);
    CHECK(driver.end_unresolved() == 0);
}

void expires_retries_that_were_begun(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5);
    const auto ticket = driver.take_due();
    driver.record({not_sent(ticket, 1), not_sent(ticket, 4)});
    const auto retry = driver.take_due();
    REQUIRE(driver.mark_in_flight({retry.ref}).size() == 1);
    driver.renew({retry.ref}, milliseconds(1));
    driver.until([&] { return driver.expire_leases(milliseconds(0)) == 1; });
    CHECK(driver.get(id).counts[unknown] == 2);
    CHECK(driver.get(id).counts[sending] == 3);
    CHECK(driver.look(ticket.messages[4].id).message.attempts == 2);
    driver.until([&] { return driver.end_unresolved() == 2; });
}

void requeues_what_the_queue_lost(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 2);
    const auto queued_refs = driver.queue();
    driver.take({queued_refs[1]});
    CHECK(driver.requeue_lost(kLong) == 0);
    driver.until([&] { return driver.requeue_lost(milliseconds(1)) == 1; });
    CHECK(driver.requeue_lost(milliseconds(0)) == 0);
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(driver.get(id).counts[sending] == 2);
    CHECK(refs(driver.claim()) == std::vector{queued_refs[0]});
    CHECK(driver.take({queued_refs[0]}).size() == 1); // it was only late
}

void waits_longer_each_time(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    for (int time = 0; time < 4; ++time) {
        driver.queue();
        driver.until([&] { return driver.requeue_lost(milliseconds(1), Loss::certain) == 1; });
    }
    driver.create(1);
    const auto queued_refs = driver.queue(); // both, at once
    CHECK(queued_refs.size() == 2);
    constexpr milliseconds patience(500); // for the old one sixteen times that
    driver.until([&] { return driver.requeue_lost(patience, Loss::suspected) == 1; }); // the new one alone
    CHECK(driver.requeue_lost(patience, Loss::certain) == 1);
    // It was taken, so that it waits no longer than another one.
    for (const auto& ticket : driver.take(driver.queue()))
        driver.give_back({ticket.ref});
    driver.queue();
    driver.until([&] { return driver.requeue_lost(patience, Loss::suspected) == 2; });
}

void fails_the_unresolved(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    driver.record({uncertain(ticket, 0), uncertain(ticket, 1)}, kShort);
    driver.record({uncertain(ticket, 2)}, kLong);
    std::int64_t count = 0;
    driver.until([&] { return (count += driver.end_unresolved()) == 2; });
    CHECK(driver.end_unresolved() == 0);
    CHECK(driver.get(id).counts[failed] == 2);
    CHECK(driver.get(id).counts[unknown] == 1);
    const auto found = driver.look(ticket.messages[0].id).message;
    REQUIRE(found.error);
    CHECK(found.error->code == "reset");
    CHECK(found.error->error_class == "unknown");
    // A late receipt may still improve it; a late answer of the worker comes to nothing.
    driver.record({accepted(ticket, 1)});
    CHECK(driver.status(ticket.messages[1].id) == failed);
    CHECK(driver.receive_one(receipt_of(ticket.messages[0].id)) == ReceiptOutcome::applied);
    CHECK(driver.status(ticket.messages[0].id) == delivered);
}

void has_sent_what_was_taken(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5);
    const auto ticket = driver.take_due();
    driver.record({unidentified(ticket, 0), unidentified(ticket, 1), uncertain(ticket, 2)}, milliseconds(1));
    driver.record({unidentified(ticket, 3), unidentified(ticket, 4)}, kLong);
    const auto waiting = driver.look(ticket.messages[3].id);
    CHECK(waiting.message.status == unknown);
    CHECK(waiting.message.sent_at);
    CHECK_FALSE(waiting.message.provider_id);
    CHECK(waiting.message.error == MessageError{"no_provider_id", "unidentified", "it says no id"});
    CHECK(waiting.attempts.size() == 1);
    CHECK(driver.receive_one(receipt_of(ticket.messages[3].id)) == ReceiptOutcome::applied);
    CHECK(driver.receive_one(receipt_of(ticket.messages[4].id, false)) == ReceiptOutcome::applied);
    std::int64_t count = 0;
    driver.until([&] { return (count += driver.end_unresolved()) == 3; });
    CHECK(driver.get(id).counts[sent] == 2);
    CHECK(driver.get(id).counts[failed] == 2);
    const auto taken = driver.look(ticket.messages[0].id).message;
    CHECK(taken.status == sent);
    CHECK(taken.sent_at);
    CHECK(taken.error == MessageError{"no_provider_id", "unidentified", "it says no id"});
    CHECK(driver.status(ticket.messages[2].id) == failed);
    CHECK(driver.complete() == 1);
    CHECK(driver.receive_one(receipt_of(ticket.messages[0].id)) == ReceiptOutcome::applied);
    CHECK(driver.receive_one(receipt_of(ticket.messages[1].id, false)) == ReceiptOutcome::applied);
    CHECK_FALSE(driver.look(ticket.messages[0].id).message.error);
}

// The answer came too late for its ticket, or after the receipt: that it was taken is known all the same.
void hears_late_that_it_was_taken(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto ticket = driver.take_due();
    driver.mark_in_flight({ticket.ref});
    driver.receive_one(receipt_of(ticket.messages[0].id));
    driver.record({unidentified(ticket, 0)});
    CHECK(driver.look(ticket.messages[0].id).message.sent_at);
    CHECK(driver.status(ticket.messages[0].id) == delivered);
    driver.renew({ticket.ref}, milliseconds(1));
    driver.until([&] { return driver.expire_leases() == 1; });
    REQUIRE(driver.status(ticket.messages[1].id) == unknown);
    driver.record({unidentified(ticket, 1)}, milliseconds(1));
    CHECK(driver.look(ticket.messages[1].id).message.sent_at);
    driver.record({unidentified(ticket, 1)}, kLong); // a repetition
    driver.until([&] { return driver.end_unresolved() == 1; });
    CHECK(driver.get(id).counts[sent] == 1);
}

void completes(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5, 2), other = driver.create(1);
    const auto expect_running = [&] {
        CHECK(driver.complete() == 0);
        CHECK(driver.get(id).status == BroadcastStatus::running);
    };
    expect_running();
    auto taken = driver.take(driver.queue());
    std::erase_if(taken, [&](const TakenTicket& ticket) { return ticket.broadcast == other; });
    REQUIRE(taken.size() == 3);
    expect_running();
    driver.record({accepted(taken[0], 0), rejected(taken[0], 1), uncertain(taken[1], 0), accepted(taken[1], 1)});
    expect_running();
    driver.record({not_sent(taken[2], 0)});
    expect_running();
    driver.record(all_accepted(driver.take_due()));
    expect_running(); // one is unknown
    CHECK_FALSE(driver.get(id).completed_at);
    CHECK(driver.receive_one(receipt_of(taken[1].messages[0].id, false)) == ReceiptOutcome::applied);
    CHECK(driver.complete() == 1);
    CHECK(driver.complete() == 0);
    const auto found = driver.get(id);
    CHECK(found.status == BroadcastStatus::completed);
    REQUIRE(found.completed_at);
    CHECK(*found.completed_at >= found.created_at);
    CHECK(driver.get(other).status == BroadcastStatus::running);
    // Receipts go on.
    CHECK(driver.receive_one(receipt_of(taken[0].messages[0].id)) == ReceiptOutcome::applied);
    CHECK(driver.get(id).counts[delivered] == 1);
}

void sweeps_nothing(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int time = 0; time < 2; ++time) {
        CHECK(driver.expire_leases() == 0);
        CHECK(driver.requeue_lost(milliseconds(0)) == 0);
        CHECK(driver.match_inbox() == 0);
        CHECK(driver.purge_inbox(milliseconds(0)) == 0);
        CHECK(driver.finish_cancels() == 0);
        CHECK(driver.expire_broadcasts() == 0);
        CHECK(driver.end_unresolved() == 0);
        CHECK(driver.complete() == 0);
        driver.create(2);
    }
}

constexpr StoreCase kSweepCases[] = {
    {"a lease that ran out makes its ticket due again", expires_leases},
    {"messages that may have gone out become unknown", expires_what_was_begun},
    {"the same for a ticket of retries", expires_retries_that_were_begun},
    {"tickets that the queue lost are due again", requeues_what_the_queue_lost},
    {"what is published again and again may be queued for longer each time", waits_longer_each_time},
    {"unknown messages fail when their time is up", fails_the_unresolved},
    {"what the provider took was sent, though its answer named no id", has_sent_what_was_taken},
    {"that it was taken may be heard late", hears_late_that_it_was_taken},
    {"a broadcast completes when nothing is in our hands", completes},
    {"sweeping finds nothing where there is nothing", sweeps_nothing},
};

} // namespace

std::span<const StoreCase> store_sweep_cases() {
    return kSweepCases;
}

} // namespace smsbcast::test
