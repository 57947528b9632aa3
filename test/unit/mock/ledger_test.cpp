#include "mock/ledger.hpp"

#include "smsbcast/domain/ticket.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace smsbcast;
using namespace smsbcast::mock;
using Known = Ledger::Known;

namespace {

const Timestamp kNow{std::chrono::microseconds(1'700'000'000'000'000)};

MessageId message(int number) {
    Uuid id;
    id.bytes[0] = 1;
    id.bytes[14] = static_cast<std::uint8_t>(number / 256);
    id.bytes[15] = static_cast<std::uint8_t>(number % 256);
    return MessageId{id};
}

struct Book {
    Ledger ledger;
    explicit Book(std::size_t most = 1000) : ledger(most) {}

    Timestamp now = kNow;

    Ledger::Entered enter(int number, std::string_view key, std::uint64_t body = 1) {
        return ledger.enter({message(number), PhoneNumber::from_digits(66812345678), key, body}, now);
    }
    LedgerRow row(int number) { return ledger.find(message(number)).value(); }
};

} // namespace

TEST_CASE("The same key is the same acceptance", "[mock][ledger]") {
    const auto key =
        GENERATE(values<std::string>({idempotency_key(message(1), 0), "k", std::string(255, 'x'), to_string(message(1)),
                                      to_string(message(2)) + "-0", to_string(message(1)) + "-123456789"}));
    CAPTURE(key);
    Book book;
    const auto first = book.enter(1, key);
    CHECK(first.known == Known::fresh);
    CHECK(first.provider_number == 0);
    CHECK(book.enter(1, key).known == Known::repeated);
    CHECK(book.enter(1, key).provider_number == 0);
    const auto number = book.ledger.accept(first.seq);
    const auto again = book.enter(1, key);
    CHECK(again.known == Known::repeated);
    CHECK(again.seq == first.seq);
    CHECK(again.provider_number == number);
    CHECK(book.row(1).key == key);
    CHECK(book.row(1).requests == 4);
    CHECK(book.row(1).accepted == 1);
    CHECK(book.ledger.accepted_twice() == 0);
}

TEST_CASE("When a message came first and last is told over all of its keys", "[mock][ledger]") {
    Book book;
    book.enter(1, "a");
    book.now += std::chrono::seconds(1);
    book.enter(1, "b");
    book.now += std::chrono::seconds(1);
    book.enter(1, "a");
    CHECK(book.row(1).first_at == kNow);
    CHECK(book.row(1).last_at == kNow + std::chrono::seconds(2));
}

TEST_CASE("The same key with another body, or for another message, is no repetition", "[mock][ledger]") {
    Book book;
    book.enter(1, "k", 1);
    CHECK(book.enter(1, "k", 2).known == Known::conflicting);
    CHECK(book.enter(2, "k", 3).known == Known::conflicting);
    CHECK(book.enter(1, "k", 1).known == Known::repeated);
    CHECK_FALSE(book.ledger.find(message(2)));
}

TEST_CASE("Keys that begin alike are different keys", "[mock][ledger]") {
    Book book;
    const auto id = to_string(message(1));
    for (const auto& tail : {"", "-0", "-1", "-00", "-12345678"})
        CHECK(book.enter(1, id + tail).known == Known::fresh);
    CHECK(book.enter(1, id.substr(0, 35)).known == Known::fresh);
}

TEST_CASE("A message that was accepted under two keys shows it", "[mock][ledger]") {
    Book book;
    const auto a = book.enter(1, "a");
    const auto b = book.enter(1, "b");
    const auto number_a = book.ledger.accept(a.seq);
    CHECK(book.ledger.accepted_twice() == 0);
    const auto number_b = book.ledger.accept(b.seq);
    CHECK(book.ledger.accepted_twice() == 1);
    CHECK(number_a != number_b);
    book.ledger.accept(book.enter(1, "c").seq);
    CHECK(book.ledger.accepted_twice() == 1);
    CHECK(book.row(1).accepted == 3);
    CHECK(book.row(1).requests == 3);
    CHECK(book.row(1).key == "c");
    CHECK(book.ledger.messages() == 1);
}

TEST_CASE("The row names the key that was accepted, not a later one that was not", "[mock][ledger]") {
    Book book;
    const auto number = book.ledger.accept(book.enter(1, "a").seq);
    book.enter(1, "b");
    CHECK(book.row(1).key == "a");
    CHECK(book.row(1).provider_number == number);
    CHECK(book.row(1).seq == 1);
}

TEST_CASE("Without a key every request is one of its own", "[mock][ledger]") {
    Book book;
    for (int i = 0; i < 3; ++i) {
        const auto entered = book.enter(1, "");
        CHECK(entered.known == Known::fresh);
        CHECK(entered.provider_number == 0);
        book.ledger.accept(entered.seq);
        book.enter(1, "k");
    }
    CHECK_FALSE(book.row(1).key.has_value());
    CHECK(book.row(1).accepted == 3);
    CHECK(book.row(1).requests == 6);
    CHECK(book.ledger.accepted_twice() == 1);
}

TEST_CASE("Requests after one without a definite answer are counted, under whatever key", "[mock][ledger]") {
    Book book;
    const auto first = book.enter(1, "a");
    book.enter(1, "b");
    CHECK(book.row(1).after_uncertain == 0);
    book.ledger.leave_uncertain(first.seq);
    CHECK(book.row(1).after_uncertain == 0);
    book.enter(1, "a");
    book.enter(1, "c");
    book.enter(2, "d");
    CHECK(book.row(1).after_uncertain == 2);
    CHECK(book.row(2).after_uncertain == 0);
    book.ledger.leave_uncertain(99);
}

TEST_CASE("Receipts are counted for their message", "[mock][ledger]") {
    Book book;
    const auto a = book.enter(1, "a");
    const auto b = book.enter(1, "b");
    book.ledger.posted(a.seq);
    book.ledger.posted(b.seq);
    book.ledger.posted(b.seq);
    CHECK(book.row(1).last_status == ReceiptStatus::none);
    book.ledger.acknowledged(a.seq, ReceiptStatus::failed);
    CHECK(book.row(1).last_status == ReceiptStatus::failed);
    book.ledger.acknowledged(b.seq, ReceiptStatus::delivered);
    CHECK(book.row(1).last_status == ReceiptStatus::delivered);
    CHECK(book.row(1).receipts_posted == 3);
    CHECK(book.row(1).receipts_acknowledged == 2);
    book.ledger.posted(99);
    book.ledger.acknowledged(0, ReceiptStatus::delivered);
}

TEST_CASE("Pages show every message once, in the order in which they came", "[mock][ledger]") {
    Book book;
    for (int i = 0; i < 10; ++i) {
        book.enter(i, "a" + std::to_string(i));
        book.enter(i / 2, "b" + std::to_string(i));
    }
    std::vector<MessageId> seen;
    std::uint64_t after = 0;
    for (;;) {
        const auto rows = book.ledger.page(after, 3);
        for (const auto& row : rows)
            seen.push_back(row.message);
        if (rows.size() < 3)
            break;
        after = rows.back().seq;
    }
    REQUIRE(seen.size() == 10);
    for (int i = 0; i < 10; ++i)
        CHECK(seen[static_cast<std::size_t>(i)] == message(i));
    CHECK(book.ledger.page(1000, 3).empty());
}

TEST_CASE("The oldest entries are forgotten, and nothing else", "[mock][ledger]") {
    Book book(100);
    for (int i = 0; i < 1000; ++i) {
        book.enter(i, idempotency_key(message(i), 0));
        book.enter(i, "long key of message " + std::to_string(i));
    }
    CHECK(book.ledger.messages() == 50);
    CHECK(book.ledger.page(0, 1000).size() == 50);
    CHECK(book.ledger.page(0, 1000).front().message == message(950));
    CHECK_FALSE(book.ledger.find(message(949)));
    CHECK(book.enter(999, idempotency_key(message(999), 0)).known == Known::repeated);
    CHECK(book.enter(949, idempotency_key(message(949), 0)).known == Known::fresh);
    // Room for that took the first of two entries of message 950: the row goes on with the other.
    CHECK(book.row(950).requests == 1);
    CHECK(book.ledger.page(0, 1000).front().message == message(950));
    CHECK(book.ledger.accept(1) == 1);
    CHECK(book.ledger.messages() == 51);
}

TEST_CASE("A cleared ledger knows nothing, and old numbers mean nothing to it", "[mock][ledger]") {
    Book book;
    const auto old = book.enter(1, "k");
    const auto number = book.ledger.accept(old.seq);
    book.ledger.clear();
    CHECK(book.ledger.messages() == 0);
    CHECK(book.ledger.page(0, 10).empty());
    book.ledger.posted(old.seq);
    const auto fresh = book.enter(1, "k");
    CHECK(fresh.known == Known::fresh);
    CHECK(fresh.seq > old.seq);
    CHECK(book.row(1).receipts_posted == 0);
    CHECK(book.ledger.accept(fresh.seq) > number);
    CHECK(book.ledger.accepted_twice() == 0);
}
