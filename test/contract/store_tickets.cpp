#include "store_cases.hpp"
#include "store_driver.hpp"

// Taking tickets.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

void takes(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5, 3);
    const auto queued = driver.queue();
    const auto taken = driver.take(queued);
    REQUIRE(taken.size() == 2);
    const auto messages = driver.messages(id);
    std::size_t at = 0;
    for (const auto& ticket : taken) {
        CHECK(ticket.ref.fence == 1);
        CHECK(ticket.broadcast == id);
        REQUIRE(ticket.text);
        CHECK(*ticket.text == "a text");
        for (const auto& message : ticket.messages) {
            CHECK(message.id == messages.at(at).id);
            CHECK(message.phone == messages.at(at++).phone);
            CHECK(message.attempts == 0);
            CHECK(message.key_generation == 0);
            CHECK_FALSE(message.maybe_sent);
        }
    }
    CHECK(taken[0].text == taken[1].text); // shared, not copied
    CHECK(driver.get(id).counts[sending] == 5);
}

void fences_by_attempt(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto first = driver.queue().front();
    CHECK(driver.take({{first.id, 1}, {first.id, 7}}).empty());
    CHECK(driver.take({{first.id, -1}, {first.id, 2147483647}, {first.id, -2147483647 - 1}}).empty());
    driver.end_hold(); // one that is ahead shows that the store is an older copy
    const auto ref = driver.queue().front();
    CHECK(driver.take({ref}).size() == 1);
    CHECK(driver.take_as(WorkerId{new_uuid()}, {ref}).empty());
    CHECK(driver.take_as(WorkerId{new_uuid()}, {{ref.id, ref.fence + 1}}).empty());
    CHECK(driver.take({}).empty());
    CHECK(driver.take({{TicketId{new_uuid()}, 0}}).empty());
}

// The answer to the first call may have been lost, and a ticket may be delivered to a worker twice.
void takes_again(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2, 1);
    const auto queued = driver.queue();
    const auto first = driver.take({queued[0]});
    REQUIRE(first.size() == 1);
    const auto again = driver.take({queued[0], queued[1], queued[0]});
    REQUIRE(again.size() == 2);
    for (const auto& ticket : again) {
        CHECK(ticket.ref.fence == 1);
        CHECK(ticket.messages.size() == 1);
    }
    const std::vector<TicketRef> ended{first[0].ref};
    driver.give_back(ended);
    CHECK(driver.take({queued[0]}).empty());
}

void takes_again_with_a_new_lease(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2, 1);
    const auto queued = driver.queue();
    driver.take({queued[0]}, kShort);
    driver.take({queued[0]}, kLong);
    driver.take({queued[1]}, kShort);
    driver.until([&] { return driver.expire_leases() == 1; }); // the other one: the first would have been earlier
    CHECK(driver.renew({{queued[0].id, 1}}).lost.empty());
}

void takes_only_what_is_left(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4);
    const auto ticket = driver.take_due();
    driver.record({accepted(ticket, 0), rejected(ticket, 1)});
    CHECK(driver.receive_one(receipt_of(ticket.messages[2].id)) ==
          ReceiptOutcome::applied); // before the answer to /send
    driver.give_back({ticket.ref});
    const auto claimed = driver.claim();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].messages == 1);
    CHECK(claimed[0].ref.fence == 1);
    const auto again = driver.take(refs(claimed));
    REQUIRE(again.size() == 1);
    CHECK(again[0].ref.fence == 2);
    REQUIRE(again[0].messages.size() == 1);
    CHECK(again[0].messages[0].id == ticket.messages[3].id);
    driver.record({accepted(again[0])});
    CHECK(driver.get(id).counts.in_our_hands() == 0);
}

void does_not_take_what_is_halted(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const auto command : {BroadcastCommand::pause, BroadcastCommand::cancel}) {
        const auto id = driver.create(2);
        const auto other = driver.create(2);
        const auto queued = driver.queue();
        REQUIRE(queued.size() == 2);
        driver.command(id, command);
        const auto taken = driver.take(queued);
        REQUIRE(taken.size() == 1);
        CHECK(taken[0].broadcast == other);
        CHECK(driver.get(id).counts[pending] == 2);
        CHECK(driver.take(queued).size() == 1); // the one that is held, not the other one
        CHECK(driver.get(id).counts[pending] == 2);
        driver.record(all_accepted(taken[0]));
    }
}

void two_workers_race(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int round = 0; round < 10; ++round) {
        const auto id = driver.create(30, 3);
        const auto queued = driver.queue();
        std::vector<boost::asio::awaitable<Result<std::vector<TakenTicket>>>> takes;
        for (int i = 0; i < 3; ++i) {
            auto order = queued;
            if (i % 2)
                std::reverse(order.begin(), order.end());
            takes.push_back(
                fixture.tickets().take(order, WorkerId{new_uuid()}, kLong, Handover::at_once, fixture.deadline()));
        }
        std::size_t tickets = 0;
        std::vector<MessageResult> results;
        for (const auto& taken : fixture.run_all(std::move(takes))) {
            REQUIRE(taken.has_value());
            tickets += taken->size();
            for (const auto& ticket : *taken)
                for (const auto& result : all_accepted(ticket))
                    results.push_back(result);
        }
        CHECK(tickets == queued.size());
        CHECK(results.size() == 30);
        driver.record(results);
        CHECK(driver.get(id).counts[sent] == 30);
    }
}

constexpr StoreCase kTicketCases[] = {
    {"taking gives the messages", takes},
    {"taking is fenced by the attempt", fences_by_attempt},
    {"a worker that asks again is given the same attempt", takes_again},
    {"a worker that asks again has a new lease", takes_again_with_a_new_lease},
    {"what was recorded is not taken again", takes_only_what_is_left},
    {"tickets of paused and canceled broadcasts go back", does_not_take_what_is_halted},
    {"of several workers one takes a ticket", two_workers_race},
};

} // namespace

std::span<const StoreCase> store_ticket_cases() {
    return kTicketCases;
}

} // namespace smsbcast::test
