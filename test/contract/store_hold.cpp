#include "store_cases.hpp"
#include "store_driver.hpp"

// An installation that is held by hand, and released.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

const Timestamp kBackup = std::chrono::floor<milliseconds>(wall_clock()) - std::chrono::hours(2);

ReleaseOptions assuming_sent(milliseconds resolve_within = kResolve) {
    return {kBackup, resolve_within};
}

void holds_with_the_first_reason(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    CHECK_FALSE(driver.held());
    CHECK(driver.release_step() == ReleaseReport{});
    const auto hold = driver.hold("a reason");
    CHECK(hold.because == "a reason");
    CHECK(driver.hold("another") == hold);
    CHECK(driver.held() == hold);
    CHECK(driver.end_hold() == 0);
    CHECK_FALSE(driver.held());
    CHECK(driver.hold("another").because == "another");
}

void gives_nothing_while_held(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 2);
    const auto queued_refs = driver.queue();
    const auto taken = driver.take({queued_refs[0]});
    driver.create(1);
    driver.hold();
    CHECK_FALSE(driver.load().work_due);
    CHECK(driver.claim().empty());
    CHECK(driver.take({queued_refs[1]}).empty());
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(driver.renew(refs(taken)).halted == std::vector{taken[0].ref.id});
    const auto halted = fixture.run(fixture.tickets().not_running({id}, fixture.deadline()));
    REQUIRE(halted.has_value());
    CHECK(*halted == std::vector{id});
    // A worker that asks again, since it never saw the answer.
    CHECK(driver.take({queued_refs[0]}).empty());
    CHECK(driver.get(id).counts[pending] == 4);

    driver.create(1); // is accepted all the same
    CHECK(driver.end_hold() == 0);
    CHECK(driver.load().work_due);
    CHECK(driver.take(driver.queue()).size() == 4);
}

void goes_on_with_all_else(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3, 1);
    const auto taken = driver.take(driver.queue());
    driver.record({accepted(taken[0])});
    driver.hold();
    driver.record({accepted(taken[1])});
    CHECK(driver.receive_one(receipt_of(taken[0].messages[0].id)) == ReceiptOutcome::applied);
    driver.give_back({taken[2].ref});
    CHECK(driver.get(id).counts[pending] == 1);
    driver.command(id, BroadcastCommand::cancel);
    CHECK(driver.finish_cancels() > 0);
    CHECK(driver.get(id).status == BroadcastStatus::canceled);
}

// What lies in a queue is older than what is published after a release.
void fences_what_is_in_the_queue(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2, 1);
    const auto queued_refs = driver.queue();
    driver.hold();
    driver.end_hold();
    CHECK(driver.take(queued_refs).empty());
    const auto again = driver.queue();
    REQUIRE(again.size() == 2);
    CHECK(again[0].fence > queued_refs[0].fence);
    CHECK(driver.take(again).size() == 2);
    CHECK_FALSE(driver.held());
}

void assumes_what_waits_sent(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6, 2);
    const auto queued_refs = driver.queue();
    const auto taken = driver.take({queued_refs[0], queued_refs[1]});
    driver.record({accepted(taken[0], 0), not_sent(taken[0], 1, kLong), uncertain(taken[1], 0)});
    const auto paused = driver.create(1), canceled_one = driver.create(1);
    driver.command(paused, BroadcastCommand::pause);
    driver.command(canceled_one, BroadcastCommand::cancel);
    driver.hold();
    const auto counts = driver.get(id).counts; // 1 sent, 1 to be retried, 1 unknown, 1 in a worker's hands, 2 queued
    REQUIRE(counts[unknown] == 1);
    driver.until([&] { return wall_clock() > driver.held()->since + milliseconds(1); });
    const auto later = driver.create(1);

    CHECK(driver.end_hold(assuming_sent()) == 5);
    CHECK_FALSE(driver.held());
    CHECK(driver.get(id).counts[unknown] == 5);
    CHECK(driver.get(id).counts[sent] == 1);
    CHECK(driver.get(paused).counts[unknown] == 1);
    CHECK(driver.get(canceled_one).counts[unknown] == 0);
    CHECK(driver.get(later).counts[pending] == 1);
    const auto found = driver.look(driver.message_of(id, 5)).message;
    REQUIRE(found.error);
    CHECK(found.error->error_class == kAssumedSent);
    CHECK(found.error->code == kRestored);
    CHECK(found.error->message.find(to_rfc3339(kBackup)) != std::string::npos);
    CHECK(found.sent_at == kBackup);
    // Its worker knows better.
    driver.record({accepted(taken[1], 1)});
    CHECK(driver.status(taken[1].messages[1].id) == sent);
    const auto due = driver.take(driver.queue());
    REQUIRE(due.size() == 1);
    CHECK(due[0].broadcast == later);
}

void resolves_what_was_assumed_sent(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    driver.hold();
    CHECK(driver.end_hold(assuming_sent(milliseconds(1))) == 3);
    CHECK(driver.receive_one(receipt_of(driver.message_of(id, 0))) == ReceiptOutcome::applied);
    CHECK(driver.receive_one(receipt_of(driver.message_of(id, 1), false)) == ReceiptOutcome::applied);
    driver.until([&] { return driver.end_unresolved() == 1; });
    CHECK(driver.status(driver.message_of(id, 0)) == delivered);
    CHECK(driver.status(driver.message_of(id, 1)) == failed);
    const auto last = driver.look(driver.message_of(id, 2)).message;
    CHECK(last.status == sent);
    REQUIRE(last.error);
    CHECK(last.error->error_class == kAssumedSent);
    CHECK(driver.complete() == 1);
    CHECK(driver.receive_one(receipt_of(last.id)) == ReceiptOutcome::applied);
    CHECK(driver.status(last.id) == delivered);
}

// Otherwise what was sent after a backup would end as failed.
void leaves_lapsed_leases_to_the_release(StoreFixture& fixture) {
    for (const bool sent_since : {false, true}) {
        StoreDriver driver(fixture);
        const auto id = driver.create(2, 1);
        const auto taken = driver.take(driver.queue());
        REQUIRE(driver.mark_in_flight({taken[0].ref}).size() == 1);
        driver.renew(refs(taken), milliseconds(-1));
        driver.hold();
        CHECK(driver.expire_leases() == 0);
        CHECK(driver.get(id).counts[sending] == 2);
        CHECK(driver.end_hold(sent_since ? assuming_sent() : ReleaseOptions{}) == (sent_since ? 2 : 0));
        while (driver.expire_leases() > 0) {
        }
        CHECK(driver.get(id).counts[unknown] == (sent_since ? 2 : 1));
        CHECK(driver.get(id).counts[pending] == (sent_since ? 0 : 1));
        driver.command(id, BroadcastCommand::cancel);
        driver.finish_cancels();
    }
}

// So a crash in between costs nothing but asking again.
void assumes_many_sent_in_steps(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(12'000);
    driver.hold();
    const auto first = driver.release_step(assuming_sent());
    CHECK(first.more);
    CHECK(first.assumed_sent > 0);
    CHECK(first.assumed_sent < 12'000);
    CHECK(driver.held());
    driver.check_counts();
    CHECK(driver.end_hold(assuming_sent()) == 12'000 - first.assumed_sent);
    CHECK(driver.get(id).counts[unknown] == 12'000);
    driver.check_counts();
    CHECK_FALSE(driver.load().work_due);
}

void does_nothing_where_nothing_is_held(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    CHECK(driver.end_hold(assuming_sent()) == 0);
    CHECK(driver.get(id).counts[pending] == 2);
    CHECK(driver.take_due().messages.size() == 2);
}

constexpr StoreCase kHoldCases[] = {
    {"a hold keeps its first reason until it ends", holds_with_the_first_reason},
    {"nothing goes out while it is held", gives_nothing_while_held},
    {"all else goes on while it is held", goes_on_with_all_else},
    {"what a queue holds is worthless after a release", fences_what_is_in_the_queue},
    {"what waits is assumed sent, and what came later is not", assumes_what_waits_sent},
    {"what was assumed sent is resolved by receipts and time", resolves_what_was_assumed_sent},
    {"leases that run out wait for the release", leaves_lapsed_leases_to_the_release},
    {"a large broadcast is assumed sent in steps", assumes_many_sent_in_steps},
    {"nothing is assumed sent where nothing is held", does_nothing_where_nothing_is_held},
};

} // namespace

std::span<const StoreCase> store_hold_cases() {
    return kHoldCases;
}

} // namespace smsbcast::test
