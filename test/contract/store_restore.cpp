#include "store_cases.hpp"
#include "store_driver.hpp"

// What shows that a store is an older copy of itself.

namespace smsbcast::test {

namespace {

using enum MessageStatus;
using enum ReceiptOutcome;

bool holds(StoreDriver& driver, std::string_view seen) {
    const auto hold = driver.held();
    return hold && hold->because.starts_with(seen) && hold->because.find("--assume-sent") != std::string::npos;
}

void notices_a_ticket_ahead(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4, 2);
    auto asked = driver.queue();
    ++asked[0].fence;
    CHECK(driver.take(asked).empty()); // nor the other one
    CHECK(holds(driver, kTicketAhead));
    CHECK(driver.get(id).counts[sending] == 0);
    // The queue may hold it for long; that is not news any more.
    driver.end_hold();
    CHECK(driver.take({asked[0]}).empty());
    CHECK_FALSE(driver.held());
    CHECK(driver.take(driver.queue()).size() == 2);
}

void expects_tickets_behind(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2, 1);
    const auto queued_refs = driver.queue();
    const auto taken = driver.take(queued_refs);
    REQUIRE(taken.size() == 2);
    driver.take(queued_refs);                          // doubled
    driver.take({refs(taken)[0]});                     // delivered after it was given back, say
    driver.take({TicketRef{TicketId{new_uuid()}, 3}}); // one that is over
    driver.give_back(refs(taken));
    driver.take(queued_refs);
    CHECK_FALSE(driver.held());
}

void notices_a_receipt_ahead(StoreFixture& fixture) {
    for (const bool is_queued : {false, true}) {
        StoreDriver driver(fixture);
        const auto id = driver.create(2);
        if (is_queued)
            driver.queue();
        const auto message = driver.message_of(id);
        CHECK(driver.receive_one(receipt_of(message)) == kept);
        CHECK(holds(driver, kReceiptAhead));
        CHECK(driver.claim().empty());
        // Now it is known that there may be receipts.
        driver.end_hold();
        driver.until([&] { return driver.match_inbox() == 1; });
        CHECK(driver.status(message) == delivered);
        CHECK(driver.receive_one(receipt_of(driver.message_of(id, 1))) == applied);
        CHECK_FALSE(driver.held());
        CHECK(driver.get(id).counts.in_our_hands() == 0);
    }
}

void finds_the_message_of_a_receipt_ahead(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    CHECK(driver.receive_one(receipt_of(driver.message_of(id))) == kept);
    CHECK(driver.end_hold({wall_clock(), kResolve}) == 2);
    driver.until([&] { return driver.match_inbox() == 1; });
    CHECK(driver.get(id).counts[delivered] == 1);
    CHECK(driver.get(id).counts[unknown] == 1);
}

// Early or late, as long as its message was ever taken. One that was throttled waits in a ticket that is new.
void expects_receipts_of_what_was_taken(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(6);
    const auto ticket = driver.take_due();
    driver.record({not_sent(ticket, 1), throttled(ticket, 2), resend(ticket, 3), accepted(ticket, 4)});
    for (const auto& message : ticket.messages)
        driver.receive_one(receipt_of(message.id));
    driver.receive({receipt_of(MessageId{new_uuid()}), receipt_by("nobody's")});
    driver.give_back({ticket.ref});
    driver.receive_one(receipt_of(ticket.messages[5].id));
    CHECK_FALSE(driver.held());
}

constexpr StoreCase kRestoreCases[] = {
    {"a ticket of the queue that is ahead holds the installation", notices_a_ticket_ahead},
    {"tickets of the queue that are behind do not", expects_tickets_behind},
    {"a receipt of a message of an untouched ticket holds the installation", notices_a_receipt_ahead},
    {"such a receipt finds its message when that is assumed sent", finds_the_message_of_a_receipt_ahead},
    {"receipts of messages that were ever taken do not", expects_receipts_of_what_was_taken},
};

} // namespace

std::span<const StoreCase> store_restore_cases() {
    return kRestoreCases;
}

} // namespace smsbcast::test
