#include "store_cases.hpp"
#include "store_driver.hpp"

// Receipts that no message is known by (yet).

namespace smsbcast::test {

namespace {

using enum MessageStatus;
using enum ReceiptOutcome;

void keeps_the_unknown(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    CHECK(driver.receive({receipt_of(MessageId{new_uuid()}), receipt_by("nobody's")}) == std::vector{kept, kept});
    CHECK(driver.match_inbox() == 0);
}

// It was never handed out, so the receipt is of another message, or the store is an older copy (store_restore.cpp).
void keeps_what_comes_before_sending(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(1);
    const auto message = driver.message_of(id);
    CHECK(driver.receive_one(receipt_of(message)) == kept);
    CHECK(driver.status(message) == pending);
    driver.end_hold();
    driver.take(driver.queue());
    driver.until([&] { return driver.match_inbox() > 0; });
    CHECK(driver.status(message) == delivered);
    CHECK(driver.get(id).counts.in_our_hands() == 0);
}

void matches_later(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    CHECK(driver.receive({receipt_by("gw-0"), receipt_by("gw-1", false), receipt_by("gw-1")}) ==
          std::vector{kept, kept, kept});
    CHECK(driver.match_inbox() == 0);
    std::vector<MessageResult> results;
    for (std::size_t i = 0; i < 3; ++i) {
        results.push_back(accepted(ticket, i, "gw-" + std::to_string(i)));
        results.back().references = {*results.back().provider_id};
    }
    driver.record(results);
    std::int64_t matched = 0;
    driver.until([&] { return (matched += driver.match_inbox()) == 3; });
    CHECK(driver.status(ticket.messages[0].id) == delivered);
    CHECK(driver.status(ticket.messages[1].id) == delivered);
    CHECK(driver.status(ticket.messages[2].id) == sent);
    CHECK(driver.get(id).counts[delivered] == 2);
    CHECK(driver.match_inbox() == 0);
    CHECK(driver.purge_inbox(milliseconds(0)) == 0);
}

void looks_again(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto ticket = driver.take_due();
    driver.receive_one(receipt_by("late"));
    // Several rounds go by before the result is there.
    const auto until = Deadline::after(milliseconds(700));
    driver.until([&] {
        CHECK(driver.match_inbox() == 0);
        return until.passed();
    });
    auto result = accepted(ticket, 0, "late");
    result.references = {*result.provider_id};
    driver.record({result});
    driver.until([&] { return driver.match_inbox() == 1; });
    CHECK(driver.status(ticket.messages[0].id) == delivered);
}

void drops_the_old(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int i = 0; i < 3; ++i)
        driver.receive_one(receipt_by("stray-" + std::to_string(i)));
    CHECK(driver.purge_inbox(kLong) == 0);
    std::int64_t dropped = 0;
    driver.until([&] { return (dropped += driver.purge_inbox(milliseconds(1))) == 3; });
    CHECK(driver.purge_inbox(milliseconds(0)) == 0);
}

void many_wait(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(700, 700);
    const auto ticket = driver.take_due();
    std::vector<Receipt> receipts;
    std::vector<MessageResult> results;
    for (std::size_t i = 0; i < ticket.messages.size(); ++i) {
        receipts.push_back(receipt_by("gw-" + std::to_string(i)));
        results.push_back(accepted(ticket, i, "gw-" + std::to_string(i)));
        results.back().references = {*results.back().provider_id};
    }
    CHECK(driver.receive(receipts) == std::vector(receipts.size(), kept));
    driver.record(results);
    std::int64_t matched = 0;
    driver.until([&] { return (matched += driver.match_inbox()) == 700; });
    CHECK(driver.get(id).counts[delivered] == 700);
    driver.check_counts();
}

// More of them than are looked at in one go, and all of them before it.
void passes_the_unknown(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto ticket = driver.take_due();
    std::vector<Receipt> strays;
    for (int i = 0; i < 600; ++i)
        strays.push_back(receipt_by("stray-" + std::to_string(i)));
    driver.receive(strays);
    driver.receive_one(receipt_by("known"));
    auto result = accepted(ticket, 0, "known");
    result.references = {*result.provider_id};
    driver.record({result});
    const auto all_due = Deadline::after(milliseconds(400));
    driver.until([&] { return all_due.passed(); });
    CHECK(driver.match_inbox() == 1);
    CHECK(driver.status(ticket.messages[0].id) == delivered);
}

// Whether a receipt ever came is told by what it did: a message that was delivered or failed by it, or the inbox.
void tells_whether_receipts_come(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto check = [&](std::int64_t unreceipted, bool any) {
        const auto signs = driver.receipt_signs();
        CHECK(signs.unreceipted == unreceipted);
        CHECK(signs.any == any);
    };
    check(0, false);
    driver.create(4);
    const auto ticket = driver.take_due();
    check(0, false);
    driver.record({accepted(ticket, 0), accepted(ticket, 1), accepted(ticket, 2), rejected(ticket, 3)});
    check(3, false);
    driver.receive_one(receipt_of(ticket.messages[0].id, false));
    check(2, true);
    driver.receive_one(receipt_of(ticket.messages[1].id));
    check(1, true);
}

void tells_of_strays(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.receive_one(receipt_by("nobody's"));
    CHECK(driver.receipt_signs().any);
}

constexpr StoreCase kInboxCases[] = {
    {"receipts of unknown messages are kept", keeps_the_unknown},
    {"receipts of messages that were not handed out are kept", keeps_what_comes_before_sending},
    {"kept receipts are applied when their message is known", matches_later},
    {"kept receipts are looked at again and again", looks_again},
    {"kept receipts are dropped in the end", drops_the_old},
    {"many receipts may wait", many_wait},
    {"a kept receipt is found behind many unknown ones", passes_the_unknown},
    {"whether receipts come at all is told", tells_whether_receipts_come},
    {"a receipt that nobody knows is one", tells_of_strays},
};

} // namespace

std::span<const StoreCase> store_inbox_cases() {
    return kInboxCases;
}

} // namespace smsbcast::test
