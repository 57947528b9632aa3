#include "store_cases.hpp"
#include "store_driver.hpp"

// One row that the database refuses to change: its neighbours do not suffer.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

// Any number of times: a row that was put aside is not tried again at once.
template <class Sweep>
void sweep_out(Sweep sweep) {
    for (int time = 0; time < 10; ++time)
        if (sweep() == 0)
            return;
    FAIL("a sweep finds the same rows again and again");
}

void refuses_a_batch_as_a_whole(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    fixture.refuse(ticket.messages[1].id);
    const auto record = [&](std::vector<MessageResult> results) {
        return fixture.run(fixture.tickets().record(std::move(results), kResolve, fixture.deadline()));
    };
    const auto all = record(all_accepted(ticket));
    REQUIRE_FALSE(all);
    CHECK(all.error() == Errc::refused);
    CHECK(driver.get(id).counts[sending] == 3);
    CHECK(record({accepted(ticket, 1)}).error() == Errc::refused);
    driver.record({accepted(ticket, 0, "a"), accepted(ticket, 2, "c")});
    CHECK(driver.get(id).counts[sent] == 2);
}

void receipts_beside_it(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(3);
    const auto ticket = driver.take_due();
    driver.record(all_accepted(ticket));
    const auto bad = ticket.messages[1].id;
    fixture.refuse(bad);
    const auto apply = [&](std::vector<Receipt> receipts) {
        return fixture.run(fixture.receipts().apply(std::move(receipts), fixture.deadline()));
    };
    CHECK(apply({receipt_of(ticket.messages[0].id), receipt_of(bad)}).error() == Errc::refused);
    CHECK(driver.status(ticket.messages[0].id) == sent);
    // Kept, it waits for better times among others whose message is known by now.
    std::vector<Receipt> kept{receipt_of(ticket.messages[0].id), receipt_of(bad), receipt_of(ticket.messages[2].id)};
    REQUIRE(fixture.run(fixture.receipts().keep(std::move(kept), fixture.deadline())));
    std::int64_t matched = 0;
    driver.until([&] { return (matched += driver.match_inbox()) == 2; });
    CHECK(driver.status(ticket.messages[0].id) == delivered);
    CHECK(driver.status(bad) == sent);
    fixture.accept_again();
    driver.until([&] { return driver.match_inbox() == 1; });
    CHECK(driver.status(bad) == delivered);
}

void canceled_beside_it(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(9, 3), other = driver.create(3);
    fixture.refuse(driver.message_of(id, 4));
    driver.command(id, BroadcastCommand::cancel);
    driver.command(other, BroadcastCommand::cancel);
    sweep_out([&] { return driver.finish_cancels(); });
    CHECK(driver.get(id).counts[canceled] == 8);
    CHECK(driver.get(id).counts[pending] == 1);
    CHECK(driver.get(id).status == BroadcastStatus::canceling);
    CHECK(driver.get(other).status == BroadcastStatus::canceled);
}

void expired_beside_it(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6, 3);
    fixture.refuse(driver.message_of(id, 0));
    fixture.expire(id);
    sweep_out([&] { return driver.expire_broadcasts(); });
    CHECK(driver.get(id).counts[expired] == 5);
    CHECK(driver.get(id).counts[pending] == 1);
}

void lost_beside_it(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6, 3);
    const auto taken = driver.take(driver.queue());
    driver.mark_in_flight(refs(taken));
    fixture.refuse(taken[0].messages[2].id);
    driver.renew(refs(taken), milliseconds(1));
    driver.until([&] {
        driver.expire_leases();
        return driver.get(id).counts[unknown] == 5;
    });
    sweep_out([&] { return driver.expire_leases(); });
    CHECK(driver.status(taken[0].messages[2].id) == sending);
}

void resent_beside_it(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto lose = [&] { driver.take_as(driver.worker(), driver.queue(), milliseconds(1), Handover::flagged); };
    lose();
    driver.until([&] { return driver.expire_leases() == 1; });
    lose();
    const auto bad = driver.message_of(id, 1);
    fixture.refuse(bad);
    driver.until([&] {
        driver.expire_leases();
        return driver.get(id).counts[unknown] == 2;
    });
    sweep_out([&] { return driver.expire_leases(); });
    CHECK_FALSE(driver.load().work_due); // it does not go out a third time
    CHECK(driver.status(bad) == sending);
}

void unresolved_beside_it(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5);
    const auto ticket = driver.take_due();
    std::vector<MessageResult> results;
    for (std::size_t place = 0; place < 5; ++place)
        results.push_back(place == 3 ? unidentified(ticket, place) : uncertain(ticket, place));
    driver.record(results, milliseconds(1));
    fixture.refuse(ticket.messages[2].id);
    driver.until([&] {
        driver.end_unresolved();
        return driver.get(id).counts[failed] == 3;
    });
    sweep_out([&] { return driver.end_unresolved(); });
    CHECK(driver.get(id).counts[sent] == 1);
    CHECK(driver.status(ticket.messages[2].id) == unknown);
}

constexpr StoreCase kRefusalCases[] = {
    {"a result that is refused fails its batch and nothing else", refuses_a_batch_as_a_whole},
    {"a receipt that is refused can be kept, and is tried again", receipts_beside_it},
    {"one message cannot be canceled: the others are", canceled_beside_it},
    {"one message cannot expire: the others do", expired_beside_it},
    {"one message of a lost worker cannot be changed: the others are unknown", lost_beside_it},
    {"likewise of those that went out once more", resent_beside_it},
    {"one unknown message cannot be ended: the others are", unresolved_beside_it},
};

} // namespace

std::span<const StoreCase> store_refusal_cases() {
    return kRefusalCases;
}

} // namespace smsbcast::test
