#include "store_cases.hpp"
#include "store_driver.hpp"

// Results that end a message's stay in its ticket.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

void records_every_end(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4);
    const auto ticket = driver.take_due();
    driver.record({accepted(ticket, 0, "gw-1"), rejected(ticket, 1), uncertain(ticket, 2)});

    const auto ok = driver.look(ticket.messages[0].id);
    CHECK(ok.message.status == sent);
    CHECK(ok.message.attempts == 1);
    CHECK(ok.message.provider_id == "gw-1");
    CHECK(ok.message.queued_at);
    CHECK(ok.message.sent_at);
    CHECK_FALSE(ok.message.delivered_at);
    CHECK_FALSE(ok.message.error);
    CHECK(ok.attempts.empty());

    const auto refused = driver.look(ticket.messages[1].id);
    CHECK(refused.message.status == failed);
    CHECK(refused.message.error == MessageError{"invalid_number", "rejected", "no such number"});
    CHECK_FALSE(refused.message.sent_at);
    REQUIRE(refused.attempts.size() == 1);
    CHECK(refused.attempts[0].number == 1);
    CHECK(refused.attempts[0].error == *refused.message.error);

    const auto lost = driver.look(ticket.messages[2].id);
    CHECK(lost.message.status == unknown);
    CHECK(lost.message.error == MessageError{"reset", "unknown", "the connection went"});
    CHECK(lost.attempts.size() == 1);

    CHECK(driver.status(ticket.messages[3].id) == sending);
    CHECK(driver.taken_messages() == 1);
    driver.record({accepted(ticket, 3)});
    CHECK(driver.taken_messages() == 0);
    CHECK(driver.get(id).counts[sent] == 2);
    CHECK(driver.renew({ticket.ref}).lost == std::vector{ticket.ref.id});
    driver.record({});
}

void records_of_many_tickets(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto one = driver.create(20, 3), other = driver.create(11, 4);
    const auto taken = driver.take(driver.queue());
    std::vector<MessageResult> results;
    for (std::size_t place = 0; place < 4; ++place)
        for (auto ticket = taken.rbegin(); ticket != taken.rend(); ++ticket)
            if (place < ticket->messages.size())
                results.push_back(place == 1 ? rejected(*ticket, place) : accepted(*ticket, place));
    REQUIRE(results.size() == 31);
    driver.record({results.begin(), results.begin() + 17});
    driver.record({results.begin() + 17, results.end()});
    CHECK(driver.get(one).counts.in_our_hands() == 0);
    CHECK(driver.get(other).counts.in_our_hands() == 0);
    CHECK(driver.get(one).counts[failed] == 7);
    CHECK(driver.get(other).counts[failed] == 3);
    CHECK(driver.taken_messages() == 0);
}

void records_once(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5);
    const auto ticket = driver.take_due();
    const std::vector<MessageResult> results{accepted(ticket, 0), rejected(ticket, 1), uncertain(ticket, 2),
                                             not_sent(ticket, 3, kLong)};
    driver.record(results);
    const auto counts = driver.get(id).counts;
    const auto messages = driver.messages(id);
    driver.record(results);
    driver.record(results);
    CHECK(driver.get(id).counts == counts);
    const auto later = driver.messages(id);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CHECK(later[i].status == messages[i].status);
        CHECK(later[i].sent_at == messages[i].sent_at);
        CHECK(later[i].attempts == messages[i].attempts);
        CHECK(driver.look(messages[i].id).attempts.size() <= 1);
    }
}

// Also in one batch, where the worker lost the ticket and took it again in between.
void records_a_message_once_in_a_batch(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto before = driver.take_due();
    driver.give_back({before.ref});
    const auto ticket = driver.take_due();
    driver.record({accepted(before, 0, "stale"), rejected(ticket, 0), rejected(before, 1), accepted(ticket, 1),
                   accepted(ticket, 2), accepted(ticket, 2)});
    CHECK(driver.status(ticket.messages[0].id) == failed);
    CHECK(driver.status(ticket.messages[1].id) == sent);
    CHECK(driver.get(id).counts[sent] == 2);
    CHECK(driver.get(id).counts[failed] == 1);
}

void lost_tickets_change_nothing(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6, 6);
    const auto lost = driver.take_due(milliseconds(1));
    driver.until([&] { return driver.expire_leases() == 1; });
    const auto stale = [&] {
        driver.record({accepted(lost, 0), rejected(lost, 1), uncertain(lost, 2), not_sent(lost, 3), throttled(lost, 4),
                       resend(lost, 5)});
    };
    stale();
    CHECK(driver.get(id).counts[pending] == 6);
    const auto queued_refs = driver.queue();
    stale();
    CHECK(driver.get(id).counts[queued] == 6);
    const auto taken = driver.take(queued_refs);
    stale();
    CHECK(driver.get(id).counts[sending] == 6);
    driver.give_back(refs(taken));
    stale();
    CHECK(driver.get(id).counts[pending] == 6);
    for (const auto& message : lost.messages) {
        const auto found = driver.look(message.id);
        CHECK(found.message.attempts == 0);
        CHECK_FALSE(found.message.error);
        CHECK_FALSE(found.message.provider_id);
        CHECK(found.attempts.empty());
    }
}

void acceptance_resolves_unknown(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due(milliseconds(1));
    driver.renew({ticket.ref});
    REQUIRE(driver.mark_in_flight({ticket.ref}).size() == 1);
    driver.renew({ticket.ref}, milliseconds(1));
    driver.until([&] { return driver.expire_leases() == 1; });
    CHECK(driver.get(id).counts[unknown] == 3);
    // The worker was only slow: of its answers, an acceptance still counts.
    driver.record({accepted(ticket, 0, "late"), rejected(ticket, 1), not_sent(ticket, 2)});
    const auto found = driver.look(ticket.messages[0].id);
    CHECK(found.message.status == sent);
    CHECK(found.message.provider_id == "late");
    CHECK(found.message.sent_at);
    CHECK_FALSE(found.message.error);
    CHECK(found.message.attempts == 1);
    CHECK(driver.get(id).counts[unknown] == 2);
    driver.record({accepted(ticket, 0, "late")});
    CHECK(driver.get(id).counts[sent] == 1);
    CHECK(driver.end_unresolved() == 0);
}

void early_receipts_stay(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto ticket = driver.take_due();
    const auto& messages = ticket.messages;
    CHECK(driver.receive({receipt_of(messages[0].id, true, "gw-0"), receipt_of(messages[1].id, false, "gw-1")}) ==
          std::vector{ReceiptOutcome::applied, ReceiptOutcome::applied});
    CHECK(driver.get(id).counts[delivered] == 1);
    CHECK(driver.get(id).counts[failed] == 1);
    CHECK(driver.get(id).counts[sending] == 1);
    driver.record({accepted(ticket, 0, "gw-0"), accepted(ticket, 1, "gw-1"), accepted(ticket, 2, "gw-2")});
    const auto good = driver.look(messages[0].id).message, bad = driver.look(messages[1].id).message;
    CHECK(good.status == delivered);
    CHECK(bad.status == failed);
    for (const auto& message : {good, bad}) {
        CHECK(message.provider_id);
        CHECK(message.sent_at);
        CHECK(message.queued_at);
        CHECK(message.attempts == 1);
    }
    CHECK(good.sent_at <= good.delivered_at);
    REQUIRE(bad.error);
    CHECK(bad.error->error_class == "receipt");
    CHECK(driver.taken_messages() == 0);
}

void early_receipts_may_finish_the_ticket(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto ticket = driver.take_due();
    driver.receive({receipt_of(ticket.messages[0].id, true, "x"), receipt_of(ticket.messages[1].id, false, "y")});
    CHECK(driver.get(id).counts.in_our_hands() == 0);
    CHECK(driver.renew({ticket.ref}).lost.size() == 1);
    driver.record({accepted(ticket, 0, "x"), accepted(ticket, 1, "y")});
    for (const auto& message : driver.messages(id)) {
        CHECK(message.sent_at);
        CHECK(message.provider_id);
    }
    CHECK(driver.get(id).counts[delivered] == 1);
    CHECK(driver.get(id).counts[failed] == 1);
}

// The acceptance is of an attempt that was lost; the one after it was refused, which is the last word.
void late_acceptance_of_a_refused_message(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto lost = driver.take_due();
    driver.give_back({lost.ref});
    const auto ticket = driver.take_due();
    driver.record({rejected(ticket)});
    driver.record({accepted(lost)});
    const auto found = driver.look(ticket.messages[0].id).message;
    CHECK(found.status == failed);
    CHECK_FALSE(found.sent_at);
    CHECK(found.error == MessageError{"invalid_number", "rejected", "no such number"});
}

void results_survive_odd_texts(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(6);
    const auto ticket = driver.take_due();
    const std::string nul("a\0b", 3), broken("\xff\xfe\xc3(\xed\xa0\x80 end"), cut("ends in \xe2\x82");
    std::string huge;
    for (int i = 0; i < 20'000; ++i)
        huge += "€";
    std::vector<MessageResult> results;
    std::size_t place = 0;
    for (const auto& text : {nul, broken, cut, huge, std::string()}) {
        auto bad = rejected(ticket, place++);
        bad.verdict.error = MessageError{text, text, text};
        bad.provider_id = text;
        results.push_back(bad);
    }
    results.push_back(accepted(ticket, place, broken));
    driver.record(results);
    CHECK(driver.get(id).counts[failed] == 5);
    CHECK(driver.get(id).counts[sent] == 1);
    const auto stored = driver.look(ticket.messages[3].id).message.error;
    REQUIRE(stored);
    CHECK(stored->message.size() > 100);
    CHECK(stored->message.size() < 2000);
    CHECK(driver.look(ticket.messages[0].id).message.error->message.find('\0') == std::string::npos);
}

constexpr StoreCase kResultCases[] = {
    {"every way in which a submission ends is recorded", records_every_end},
    {"one batch records results of many tickets", records_of_many_tickets},
    {"recording again changes nothing", records_once},
    {"a message counts once, also twice in a batch", records_a_message_once_in_a_batch},
    {"results of a lost ticket change nothing", lost_tickets_change_nothing},
    {"an acceptance resolves a message that became unknown", acceptance_resolves_unknown},
    {"an early receipt keeps its status and is completed", early_receipts_stay},
    {"early receipts may finish the ticket", early_receipts_may_finish_the_ticket},
    {"a late acceptance does not touch a refused message", late_acceptance_of_a_refused_message},
    {"odd texts do not fail the batch", results_survive_odd_texts},
};

} // namespace

std::span<const StoreCase> store_result_cases() {
    return kResultCases;
}

} // namespace smsbcast::test
