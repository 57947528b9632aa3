#include "store_cases.hpp"
#include "store_driver.hpp"

// Pause, resume, cancel in every status of a broadcast.

namespace smsbcast::test {

namespace {

BroadcastId make_broadcast(StoreDriver& driver, BroadcastStatus status) {
    const auto id = driver.create(3, 2);
    switch (status) {
    case BroadcastStatus::running: break;
    case BroadcastStatus::paused: driver.command(id, BroadcastCommand::pause); break;
    case BroadcastStatus::canceling: driver.command(id, BroadcastCommand::cancel); break;
    case BroadcastStatus::canceled:
        driver.command(id, BroadcastCommand::cancel);
        driver.finish_cancels();
        break;
    case BroadcastStatus::completed:
        for (const auto& ticket : driver.take(driver.queue()))
            driver.record(all_accepted(ticket));
        driver.complete();
        break;
    }
    REQUIRE(driver.get(id).status == status);
    return id;
}

void every_command(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const auto status : kBroadcastStatuses) {
        for (const auto command : {BroadcastCommand::pause, BroadcastCommand::resume, BroadcastCommand::cancel}) {
            INFO(to_string(command) << " of " << to_string(status));
            const auto id = make_broadcast(driver, status);
            const auto expected = after(status, command);
            for (int time = 0; time < 2; ++time) { // the second time must change nothing
                const auto answer =
                    fixture.run(fixture.broadcasts().command(driver.tenant(), id, command, fixture.deadline()));
                if (expected) {
                    REQUIRE(answer.has_value());
                    CHECK(*answer == *expected);
                } else {
                    CHECK(answer.error() == Errc::conflict);
                }
                CHECK(driver.get(id).status == expected.value_or(status));
            }
            driver.check_counts();
            // Out of the way of the next one.
            fixture.run(
                fixture.broadcasts().command(driver.tenant(), id, BroadcastCommand::cancel, fixture.deadline()));
            driver.finish_cancels();
        }
    }
}

void pause_holds_tickets(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 1);
    auto tickets = refs(driver.claim(2));
    driver.mark_queued({tickets[0]});
    const auto held = driver.take({tickets[0]});
    REQUIRE(held.size() == 1);
    CHECK(driver.command(id, BroadcastCommand::pause) == BroadcastStatus::paused);

    CHECK(driver.claim().empty());
    CHECK_FALSE(driver.load().work_due);
    CHECK(driver.take({tickets[1]}).empty()); // it was on its way to a worker
    CHECK(driver.renew({held[0].ref}).halted == std::vector{held[0].ref.id});
    driver.give_back({held[0].ref});
    CHECK(driver.get(id).counts[MessageStatus::pending] == 4);

    CHECK(driver.command(id, BroadcastCommand::resume) == BroadcastStatus::running);
    CHECK(driver.load().work_due);
    CHECK(driver.take(driver.queue()).size() == 4);
}

void results_count_while_paused(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3, 3);
    const auto ticket = driver.take_due();
    driver.command(id, BroadcastCommand::pause);
    driver.record({accepted(ticket, 0), not_sent(ticket, 1)});
    CHECK(driver.receive_one(receipt_of(ticket.messages[0].id)) == ReceiptOutcome::applied);
    driver.give_back({ticket.ref});
    CHECK(driver.claim().empty());
    const auto counts = driver.get(id).counts;
    CHECK(counts[MessageStatus::delivered] == 1);
    CHECK(counts[MessageStatus::pending] == 2);
}

constexpr StoreCase kCommandCases[] = {
    {"every command in every status, and once more", every_command},
    {"a paused broadcast's tickets wait", pause_holds_tickets},
    {"what is under way when a broadcast is paused still counts", results_count_while_paused},
};

} // namespace

std::span<const StoreCase> store_command_cases() {
    return kCommandCases;
}

} // namespace smsbcast::test
