#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>

// What a worker does with a ticket it holds, but for results: begin, renew, give back.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

void begins_what_is_held(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(3, 1);
    const auto taken = driver.take(driver.queue());
    REQUIRE(taken.size() == 3);
    driver.give_back({taken[1].ref});
    const auto begun =
        driver.mark_in_flight({taken[0].ref, taken[1].ref, {taken[2].ref.id, 2}, {TicketId{new_uuid()}, 1}});
    CHECK(begun == std::vector{taken[0].ref});
    CHECK(driver.mark_in_flight({taken[0].ref}) == begun);
    CHECK(driver.mark_in_flight({}).empty());
}

void does_not_begin_on_a_lease_that_ran_out(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2, 1);
    const auto queued = driver.queue();
    const auto early = driver.take({queued[0]}, milliseconds(1));
    const auto late = driver.take({queued[1]}, milliseconds(1));
    driver.until([&] { return driver.mark_in_flight(refs(early)).empty(); });
    // Not swept yet, so it can still be kept.
    CHECK(driver.renew(refs(early)).lost.empty());
    CHECK(driver.mark_in_flight(refs(early)) == refs(early));
    driver.until([&] { return driver.expire_leases() == 1; });
    CHECK(driver.mark_in_flight(refs(late)).empty());
}

void renews(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(3, 1);
    const auto queued = driver.queue();
    const auto kept = driver.take({queued[0]}, kShort);
    const auto report = driver.renew(refs(kept), kLong);
    CHECK(report.lost.empty());
    CHECK(report.halted.empty());
    driver.take({queued[1]}, kShort);
    // When the younger one has run out, the renewed one would have long ago.
    driver.until([&] { return driver.expire_leases() > 0; });
    CHECK(driver.renew(refs(kept)).lost.empty());
    CHECK(driver.expire_leases() == 0);
}

void reports_lost_and_halted(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto paused = driver.create(1), canceled = driver.create(1);
    driver.create(4, 1);
    const auto taken = driver.take(driver.queue());
    REQUIRE(taken.size() == 6);
    driver.command(paused, BroadcastCommand::pause);
    driver.command(canceled, BroadcastCommand::cancel);
    std::vector<TakenTicket> mine, halted;
    for (const auto& ticket : taken)
        (ticket.broadcast == paused || ticket.broadcast == canceled ? halted : mine).push_back(ticket);
    driver.give_back({mine[0].ref});
    driver.record(all_accepted(mine[1])); // finished: there is nothing to hold any more
    const TicketId nobodys{new_uuid()};
    auto asked = refs(taken);
    std::replace(asked.begin(), asked.end(), mine[2].ref, TicketRef{mine[2].ref.id, 9});
    asked.push_back({nobodys, 1});
    auto report = driver.renew(asked);
    std::sort(report.lost.begin(), report.lost.end());
    std::sort(report.halted.begin(), report.halted.end());
    std::vector<TicketId> lost{mine[0].ref.id, mine[1].ref.id, mine[2].ref.id, nobodys};
    std::vector<TicketId> stopped{halted[0].ref.id, halted[1].ref.id};
    std::sort(lost.begin(), lost.end());
    std::sort(stopped.begin(), stopped.end());
    CHECK(report.lost == lost);
    CHECK(report.halted == stopped);
}

void is_lost_to_another_worker(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto mine = driver.take_due(milliseconds(1));
    driver.until([&] { return driver.expire_leases() == 1; });
    CHECK(driver.renew({mine.ref}).lost == std::vector{mine.ref.id});
    const auto theirs = driver.take_as(WorkerId{new_uuid()}, driver.queue());
    REQUIRE(theirs.size() == 1);
    CHECK(theirs[0].ref.fence == 2);
    CHECK(driver.renew({mine.ref}).lost == std::vector{mine.ref.id});
    CHECK(driver.mark_in_flight({mine.ref}).empty());
    driver.give_back({mine.ref});
    driver.record(all_accepted(mine));
    CHECK(driver.renew(refs(theirs)).lost.empty());
    CHECK(driver.status(mine.messages[0].id) == sending);
}

void tells_what_does_not_run(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto running = driver.create(1), paused = driver.create(1), canceled = driver.create(1);
    driver.command(paused, BroadcastCommand::pause);
    driver.command(canceled, BroadcastCommand::cancel);
    const auto ask = [&](std::vector<BroadcastId> ids) {
        auto found = fixture.run(fixture.tickets().not_running(std::move(ids), fixture.deadline()));
        REQUIRE(found.has_value());
        std::sort(found->begin(), found->end());
        return *found;
    };
    CHECK(ask({running}).empty());
    CHECK(ask({}).empty());
    CHECK(ask({canceled, running, paused}) == std::vector{paused, canceled});
    driver.command(paused, BroadcastCommand::resume);
    CHECK(ask({running, paused}).empty());
}

void gives_back(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    driver.mark_in_flight({ticket.ref}); // nothing went out after all
    driver.record({accepted(ticket, 1)});
    driver.give_back({ticket.ref});
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(driver.load().work_due);
    driver.give_back({ticket.ref});
    const auto again = driver.take_due(milliseconds(1));
    CHECK(again.ref == TicketRef{ticket.ref.id, 2});
    CHECK(again.messages.size() == 2);
    driver.give_back({ticket.ref}); // by the attempt before
    CHECK(driver.get(id).counts[sending] == 2);
    // What was begun by an attempt that gave it back does not count against the next one.
    driver.until([&] { return driver.expire_leases() == 1; });
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(driver.get(id).counts[unknown] == 0);
}

// However many workers were lost, one line: they cost no attempt.
void check_history(StoreDriver& driver, MessageId id, Handover handover) {
    const auto found = driver.look(id);
    CHECK(found.message.attempts == 0);
    CHECK_FALSE(found.message.possible_duplicate);
    if (handover == Handover::after_mark) {
        CHECK(found.attempts.empty());
        return;
    }
    REQUIRE(found.attempts.size() == 1);
    CHECK(found.attempts[0].number == 0);
    CHECK(found.attempts[0].error.code == "worker_lost");
    CHECK(found.attempts[0].error.error_class == "unknown");
}

void remembers_what_may_have_gone_out(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const auto handover : {Handover::at_once, Handover::after_mark}) {
        const bool at_once = handover != Handover::after_mark;
        const auto id = driver.create(3);
        const auto first = driver.take_as(driver.worker(), driver.queue(), milliseconds(1), handover);
        REQUIRE(first.size() == 1);
        CHECK_FALSE(first[0].messages[0].maybe_sent);
        driver.until([&] { return driver.expire_leases() == 1; });
        // However often it is given back or runs out after that, it stays so.
        driver.give_back(refs(driver.take_as(driver.worker(), driver.queue(), kLong, handover)));
        driver.take_as(driver.worker(), driver.queue(), milliseconds(1), handover);
        driver.until([&] { return driver.expire_leases() == 1; });
        const auto again = driver.take_as(WorkerId{new_uuid()}, driver.queue(), kLong, Handover::after_mark);
        REQUIRE(again.size() == 1);
        for (const auto& message : again[0].messages)
            CHECK(message.maybe_sent == at_once);
        check_history(driver, again[0].messages[0].id, handover);
        driver.give_back(refs(again));
        driver.command(id, BroadcastCommand::cancel);
        while (driver.finish_cancels() > 0) {
        }
        CHECK(driver.get(id).counts[unknown] == (at_once ? 3 : 0));
        CHECK(driver.get(id).counts[canceled] == (at_once ? 0 : 3));
        const auto error = driver.look(again[0].messages[0].id).message.error;
        CHECK((error ? error->code : "none") == (at_once ? "worker_lost" : "none"));
        if (at_once)
            CHECK(driver.receive_one(receipt_of(again[0].messages[0].id)) == ReceiptOutcome::applied);
    }
}

// Takes what is due for a provider without keys and never comes back.
std::size_t lose_a_worker(StoreDriver& driver) {
    const auto taken = driver.take_as(driver.worker(), driver.queue(), milliseconds(1), Handover::flagged);
    std::size_t messages = 0;
    for (const auto& ticket : taken)
        messages += ticket.messages.size();
    std::int64_t expired = 0;
    driver.until([&] { return (expired += driver.expire_leases()) == std::ssize(taken); });
    return messages;
}

void sends_once_more_and_no_more(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    CHECK(lose_a_worker(driver) == 3);
    CHECK(driver.get(id).counts[pending] == 3);
    const auto once_more = driver.take_as(driver.worker(), driver.queue(), kLong, Handover::flagged);
    driver.record({accepted(once_more.at(0), 1)});
    driver.give_back(refs(once_more)); // unsent, so it may go out later
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(lose_a_worker(driver) == 2);
    CHECK(driver.get(id).counts[unknown] == 2);
    CHECK_FALSE(driver.load().work_due);
    const auto lost = driver.look(once_more[0].messages[0].id);
    CHECK(lost.message.possible_duplicate);
    CHECK(lost.message.attempts == 1);
    CHECK(lost.message.queued_at);
    CHECK(lost.message.error.value_or(MessageError{}).code == "worker_lost");
    REQUIRE(lost.attempts.size() == 2);
    CHECK(lost.attempts[1].number == 1);
    CHECK(lost.attempts[1].error.error_class == "unknown");
    driver.record({accepted(once_more[0], 2)}); // an answer after all
    CHECK(driver.receive_one(receipt_of(once_more[0].messages[0].id)) == ReceiptOutcome::applied);
    CHECK(driver.complete() == 1);
}

void sends_each_of_a_ticket_once_more(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto first = driver.take_as(driver.worker(), driver.queue(), kLong, Handover::flagged).at(0);
    driver.record({resend(first, 0), not_sent(first, 1), accepted(first, 2)});
    CHECK(lose_a_worker(driver) == 2); // the one for the second time
    CHECK(driver.status(first.messages[0].id) == unknown);
    CHECK(driver.status(first.messages[1].id) == pending);
    CHECK(driver.look(first.messages[1].id).attempts.back().error.code == "worker_lost");
    CHECK(lose_a_worker(driver) == 1);
    CHECK(driver.status(first.messages[1].id) == unknown);
    CHECK(driver.get(id).counts.in_our_hands() == 2);
    CHECK_FALSE(driver.load().work_due);
}

void takes_back_what_was_taken_unseen(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto queued = driver.queue();
    driver.take_as(driver.worker(), queued, kLong, Handover::at_once); // whose answer is lost
    driver.command(id, BroadcastCommand::cancel);
    CHECK(driver.take_as(driver.worker(), queued, kLong, Handover::at_once).empty());
    while (driver.finish_cancels() > 0) {
    }
    CHECK(driver.get(id).counts[canceled] == 3);
}

void forgets_what_was_given_back(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    driver.give_back(refs(driver.take_as(driver.worker(), driver.queue(), kLong, Handover::at_once)));
    const auto again = driver.take_as(driver.worker(), driver.queue(), milliseconds(1), Handover::after_mark);
    CHECK_FALSE(again.at(0).messages.at(0).maybe_sent);
    driver.until([&] { return driver.expire_leases() == 1; });
    CHECK_FALSE(driver.take_due().messages.at(0).maybe_sent);
}

constexpr StoreCase kLeaseCases[] = {
    {"begin tells what is ours", begins_what_is_held},
    {"begin refuses a lease that ran out", does_not_begin_on_a_lease_that_ran_out},
    {"renewing extends the lease", renews},
    {"renewing tells what is lost and what is halted", reports_lost_and_halted},
    {"a ticket that another worker took is lost", is_lost_to_another_worker},
    {"not_running tells paused and canceled broadcasts", tells_what_does_not_run},
    {"a ticket given back is due with what is left", gives_back},
    {"after a lease ran out, what was handed over at once may have been sent", remembers_what_may_have_gone_out},
    {"what was flagged goes out once more, and no more", sends_once_more_and_no_more},
    {"of a ticket, each message that was flagged", sends_each_of_a_ticket_once_more},
    {"what was given back was not sent", forgets_what_was_given_back},
    {"nor was what a worker asks for again", takes_back_what_was_taken_unseen},
};

} // namespace

std::span<const StoreCase> store_lease_cases() {
    return kLeaseCases;
}

} // namespace smsbcast::test
