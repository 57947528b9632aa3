#include "store_cases.hpp"
#include "store_driver.hpp"

// Receipts of messages that are known.

namespace smsbcast::test {

namespace {

using enum MessageStatus;
using enum ReceiptOutcome;

TakenTicket sent_ticket(StoreDriver& driver, int recipients) {
    driver.create(recipients);
    auto ticket = driver.take_due();
    driver.record(all_accepted(ticket, "gw"));
    return ticket;
}

void moves_by_our_id(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto ticket = sent_ticket(driver, 3);
    const auto good = ticket.messages[0].id, bad = ticket.messages[1].id;
    CHECK(driver.receive({receipt_of(good, true, "other"), receipt_of(bad, false)}) == std::vector{applied, applied});
    const auto found = driver.look(good).message;
    CHECK(found.status == delivered);
    CHECK(found.delivered_at);
    CHECK(found.sent_at <= found.delivered_at);
    CHECK(found.provider_id == "gw-0"); // what /send answered
    const auto lost = driver.look(bad).message;
    CHECK(lost.status == failed);
    CHECK_FALSE(lost.delivered_at);
    REQUIRE(lost.error);
    CHECK(lost.error->code == "E1");
    CHECK(lost.error->error_class == "receipt");
    CHECK(driver.status(ticket.messages[2].id) == sent);
}

void moves_forward_only(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto ticket = sent_ticket(driver, 2);
    const auto first = ticket.messages[0].id, second = ticket.messages[1].id;
    CHECK(driver.receive_one(receipt_of(first)) == applied);
    const auto at = driver.look(first).message.delivered_at;
    CHECK(driver.receive_one(receipt_of(first)) == no_news);
    CHECK(driver.receive_one(receipt_of(first, false)) == no_news);
    CHECK(driver.look(first).message.delivered_at == at);
    CHECK_FALSE(driver.look(first).message.error);

    CHECK(driver.receive_one(receipt_of(second, false)) == applied);
    CHECK(driver.receive_one(receipt_of(second, false)) == no_news);
    CHECK(driver.receive_one(receipt_of(second, true)) == applied);
    const auto found = driver.look(second).message;
    CHECK(found.status == delivered);
    CHECK(found.delivered_at);
    CHECK_FALSE(found.error);
    CHECK(driver.receive_one(receipt_of(second, false)) == no_news);
}

void takes_a_batch_in_order(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto ticket = sent_ticket(driver, 5);
    const auto id = [&](std::size_t place) { return ticket.messages[place].id; };
    auto first = receipt_of(id(3), false), second = receipt_of(id(3), false);
    first.error_code = "first";
    second.error_code = "second";
    const auto outcomes = driver.receive({receipt_of(id(0)), receipt_of(id(1), false), receipt_of(id(0)),
                                          receipt_of(id(1)), receipt_of(id(2)), receipt_of(id(2), false), first, second,
                                          receipt_of(MessageId{new_uuid()}), receipt_of(id(1), false)});
    CHECK(outcomes ==
          std::vector{applied, applied, no_news, applied, applied, no_news, applied, no_news, kept, no_news});
    CHECK(driver.status(id(0)) == delivered);
    CHECK(driver.status(id(1)) == delivered);
    CHECK(driver.status(id(2)) == delivered);
    REQUIRE(driver.look(id(3)).message.error);
    CHECK(driver.look(id(3)).message.error->code == "first");
    CHECK(driver.status(id(4)) == sent);
    CHECK(driver.receive({}).empty());
}

void resolves_unknown(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    const auto ticket = driver.take_due();
    driver.record({uncertain(ticket, 0), uncertain(ticket, 1)}, milliseconds(0));
    CHECK(driver.receive({receipt_of(ticket.messages[0].id), receipt_of(ticket.messages[1].id, false)}) ==
          std::vector{applied, applied});
    CHECK(driver.end_unresolved() == 0);
    CHECK(driver.status(ticket.messages[0].id) == delivered);
    CHECK(driver.look(ticket.messages[0].id).message.provider_id == "p-1");
    CHECK(driver.status(ticket.messages[1].id) == failed);
}

// An attempt ended without an answer and the message waits for the next one, in which it is not sent again.
void takes_messages_out_of_waiting_tickets(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(4);
    const auto ticket = driver.take_due();
    std::vector<MessageResult> results;
    for (std::size_t i = 0; i < 4; ++i)
        results.push_back(resend(ticket, i));
    driver.record(results);
    CHECK(driver.receive_one(receipt_of(ticket.messages[0].id)) == applied); // pending
    const auto queued_refs = driver.queue();
    CHECK(driver.receive_one(receipt_of(ticket.messages[1].id, false)) == applied); // queued
    auto taken = driver.take(queued_refs);
    REQUIRE(taken.size() == 1);
    REQUIRE(taken[0].messages.size() == 2);
    CHECK(driver.receive_one(receipt_of(ticket.messages[2].id)) == applied); // sending
    driver.record({accepted(taken[0], 0, "second"), accepted(taken[0], 1)});
    CHECK(driver.get(id).counts[delivered] == 2);
    CHECK(driver.get(id).counts[failed] == 1);
    CHECK(driver.get(id).counts[sent] == 1);
    CHECK(driver.taken_messages() == 0);
}

void ends_a_waiting_ticket(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(2);
    const auto ticket = driver.take_due();
    driver.record({resend(ticket, 0), resend(ticket, 1)});
    driver.receive({receipt_of(ticket.messages[0].id), receipt_of(ticket.messages[1].id)});
    CHECK(driver.claim().empty());
    CHECK_FALSE(driver.load().work_due);
    CHECK(driver.complete() == 1);
    CHECK(driver.get(id).status == BroadcastStatus::completed);
}

void leaves_what_was_canceled(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(3);
    const auto message = driver.message_of(id);
    driver.command(id, BroadcastCommand::cancel);
    driver.finish_cancels();
    CHECK(driver.receive({receipt_of(message), receipt_of(message, false)}) == std::vector{no_news, no_news});
    CHECK(driver.get(id).counts[canceled] == 3);
}

void prefers_our_id(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    const auto ticket = driver.take_due();
    auto first = accepted(ticket, 0, "gw-0"), second = accepted(ticket, 1, "gw-1");
    first.references = {"gw-0"};
    second.references = {"gw-1"};
    driver.record({first, second});
    CHECK(driver.receive_one(receipt_of(first.message, true, "gw-1")) == applied);
    CHECK(driver.status(first.message) == delivered);
    CHECK(driver.status(second.message) == sent);
    // Our id names nothing here; the provider's does, at once or by way of the inbox.
    driver.receive_one(receipt_of(MessageId{new_uuid()}, true, "gw-1"));
    driver.until([&] {
        driver.match_inbox();
        return driver.status(second.message) == delivered;
    });
}

void needs_no_id_of_the_provider(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(3);
    const auto ticket = driver.take_due();
    driver.record({uncertain(ticket, 0), accepted(ticket, 1, "gw-1"), accepted(ticket, 2, "gw-2")}, milliseconds(0));
    const auto lost = ticket.messages[0].id, known = ticket.messages[1].id, untouched = ticket.messages[2].id;
    CHECK(driver.receive({receipt_of(lost, true, ""), receipt_of(known, false, "")}) == std::vector{applied, applied});
    CHECK(driver.status(lost) == delivered);
    CHECK_FALSE(driver.look(lost).message.provider_id);
    CHECK(driver.look(known).message.provider_id == "gw-1");
    // Nothing is told by an empty id, now or from the inbox.
    CHECK(driver.receive({receipt_of(MessageId{new_uuid()}, true, ""), receipt_of(MessageId{new_uuid()}, false, "")}) ==
          std::vector{kept, kept});
    driver.match_inbox();
    CHECK(driver.status(untouched) == sent);
    CHECK(driver.status(known) == failed);
}

Receipt receipt_from(std::string provider, std::string provider_id) {
    auto receipt = receipt_by(std::move(provider_id));
    receipt.provider = std::move(provider);
    return receipt;
}

void knows_whose_id_it_is(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(2);
    const auto ticket = driver.take_due();
    auto whole = accepted(ticket, 0, "whole"), parts = accepted(ticket, 1, "part-1");
    whole.references = {"whole"};
    parts.references = {"part-1", "part-2"};
    parts.provider = "another";
    driver.record({whole, parts});
    CHECK(driver.receive({receipt_from("another", "whole"), receipt_from(whole.provider, "part-2")}) ==
          std::vector{kept, kept});
    driver.match_inbox();
    CHECK(driver.status(whole.message) == sent);
    CHECK(driver.status(parts.message) == sent);
    CHECK(driver.receive({receipt_from(whole.provider, "whole"), receipt_from("another", "part-2")}) ==
          std::vector{applied, applied});
    CHECK(driver.look(parts.message).message.provider_id == "part-1");
}

void remembers_odd_ids(StoreFixture& fixture) {
    const std::vector<std::string> ids{"NULL", "null", "a\"b", "a\\b", "{a,b}", "\"", " a ", "\xE2\x82\xAC", "','"};
    StoreDriver driver(fixture);
    driver.create(ids.size());
    const auto ticket = driver.take_due();
    std::vector<MessageResult> results;
    std::vector<Receipt> receipts;
    for (std::size_t place = 0; place < ids.size(); ++place) {
        results.push_back(accepted(ticket, place, ids[place]));
        results.back().references = {ids[place], ids[place] + "2"};
        receipts.push_back(receipt_by(ids[place] + "2"));
    }
    driver.record(results);
    CHECK(driver.receive(receipts) == std::vector(ids.size(), applied));
}

void survives_odd_texts(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto ticket = sent_ticket(driver, 2);
    auto odd = receipt_of(ticket.messages[0].id, false, std::string("a\0\xff", 3));
    std::string code("\xc3\0 code ", 8);
    code.append(5000, 'x');
    odd.error_code = code;
    auto stray = odd;
    stray.message = std::nullopt;
    CHECK(driver.receive({odd, stray, receipt_of(ticket.messages[1].id)}) == std::vector{applied, kept, applied});
    REQUIRE(driver.look(ticket.messages[0].id).message.error);
    CHECK(driver.look(ticket.messages[0].id).message.error->code.size() < 100);
}

constexpr StoreCase kReceiptCases[] = {
    {"receipts move their message by our id", moves_by_our_id},
    {"receipts only move forward", moves_forward_only},
    {"receipts of a batch are taken in order", takes_a_batch_in_order},
    {"receipts resolve unknown messages", resolves_unknown},
    {"receipts take messages out of waiting tickets", takes_messages_out_of_waiting_tickets},
    {"receipts may end a waiting ticket", ends_a_waiting_ticket},
    {"canceled messages stay canceled", leaves_what_was_canceled},
    {"our id comes first, then the provider's", prefers_our_id},
    {"receipts need no id of the provider", needs_no_id_of_the_provider},
    {"an id is one provider's, and a message may have several", knows_whose_id_it_is},
    {"odd ids of a provider are remembered as they are", remembers_odd_ids},
    {"odd texts do not fail a batch of receipts", survives_odd_texts},
};

} // namespace

std::span<const StoreCase> store_receipt_cases() {
    return kReceiptCases;
}

} // namespace smsbcast::test
