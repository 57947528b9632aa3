#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>

// Broadcasts and messages as they are made and read.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

std::vector<MessageId> ids_of(const std::vector<Message>& messages) {
    std::vector<MessageId> ids;
    for (const auto& message : messages)
        ids.push_back(message.id);
    return ids;
}

void keeps_recipients(StoreFixture& fixture) {
    NewBroadcast made{BroadcastId{new_uuid()}, std::nullopt, "L'été à 5 € \\ \"😀\"\n\t", {}, 100};
    for (std::uint64_t i = 0; i < 250; ++i)
        made.recipients.push_back(PhoneNumber::from_digits(66819999999 - 7 * i));
    REQUIRE(fixture.run(create(fixture.broadcasts(), made, fixture.deadline())).has_value());
    StoreDriver driver(fixture);
    const auto found = driver.get(made.id);
    CHECK(found.id == made.id);
    CHECK_FALSE(found.name);
    CHECK(found.text == made.text);
    CHECK(found.status == BroadcastStatus::running);
    CHECK(found.total == 250);
    CHECK(found.counts[pending] == 250);
    CHECK(found.counts.total() == 250);
    CHECK_FALSE(found.completed_at);
    const auto messages = driver.messages(made.id);
    REQUIRE(messages.size() == 250);
    for (std::size_t i = 0; i < messages.size(); ++i) {
        CHECK(messages[i].phone == made.recipients[i]);
        CHECK(messages[i].broadcast == made.id);
        CHECK(messages[i].status == pending);
        CHECK(messages[i].attempts == 0);
        CHECK_FALSE(messages[i].queued_at);
        CHECK_FALSE(messages[i].error);
    }
    CHECK(driver.load().work_due);
}

void is_taken_in_once(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const int recipients : {3, 25'000}) {
        NewBroadcast made{BroadcastId{new_uuid()}, "first", "a text", {}, 100};
        for (int i = 0; i < recipients; ++i)
            made.recipients.push_back(PhoneNumber::from_digits(66810000000 + static_cast<std::uint64_t>(i)));
        CHECK(fixture.run(take_in(fixture.broadcasts(), made, fixture.deadline())).value() == IntakeOutcome::stored);
        for (const std::size_t others : {std::size_t{2}, made.recipients.size()}) {
            auto again = made;
            again.name = "second";
            again.recipients.resize(others, made.recipients.front());
            CHECK(fixture.run(take_in(fixture.broadcasts(), again, fixture.deadline())).value() ==
                  IntakeOutcome::done_before);
        }
        CHECK(driver.get(made.id).name == "first");
        CHECK(driver.get(made.id).total == recipients);
        CHECK(driver.get(made.id).counts[pending] == recipients);
    }
    CHECK(driver.queue().size() == 251);
}

void shows_nothing_without_a_commit(StoreFixture& fixture) {
    const BroadcastId id{new_uuid()};
    for (const std::size_t pieces : {1, 3}) {
        const auto intake = fixture.broadcasts().intake(id, 100, fixture.deadline());
        for (std::size_t piece = 0; piece < pieces; ++piece) {
            std::vector<PhoneNumber> recipients;
            for (std::uint64_t i = 0; i < 150; ++i)
                recipients.push_back(PhoneNumber::from_digits(66810000000 + 1000 * piece + i));
            REQUIRE(fixture.run(intake->append(std::move(recipients))).has_value());
        }
        CHECK(fixture.run(fixture.broadcasts().get(kTenant, id, fixture.deadline())).error() == Errc::not_found);
    }
    // The id is free again, and what was written under it is no part of the broadcast that takes it.
    StoreDriver driver(fixture);
    NewBroadcast made{id, std::nullopt, "a text", {PhoneNumber::from_digits(66819999999)}, 100};
    driver.until([&] {
        const auto outcome = fixture.run(take_in(fixture.broadcasts(), made, fixture.deadline()));
        return outcome.has_value() || outcome.error() != Errc::conflict;
    });
    CHECK(driver.get(id).counts[pending] == 1);
    CHECK(driver.messages(id).size() == 1);
    CHECK(driver.queue().size() == 1);
}

void tickets_hold_all(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (const int ticket_size : {1, 7, 50, 1000}) {
        const auto id = driver.create(50, ticket_size);
        const auto taken = driver.take(driver.queue());
        CHECK(taken.size() == static_cast<std::size_t>((50 + ticket_size - 1) / ticket_size));
        std::vector<MessageId> carried;
        for (const auto& ticket : taken) {
            CHECK(ticket.messages.size() <= static_cast<std::size_t>(ticket_size));
            for (const auto& message : ticket.messages)
                carried.push_back(message.id);
        }
        std::sort(carried.begin(), carried.end());
        CHECK(carried == ids_of(driver.messages(id)));
        for (const auto& ticket : taken)
            driver.record(all_accepted(ticket));
    }
}

void does_not_mix(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    std::vector<BroadcastId> ids;
    for (int i = 0; i < 5; ++i)
        ids.push_back(driver.create(10, 3));
    for (const auto& id : ids) {
        const auto messages = driver.messages(id);
        REQUIRE(messages.size() == 10);
        for (const auto& message : messages)
            CHECK(message.broadcast == id);
    }
}

void finds_nothing(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    auto& store = fixture.broadcasts();
    const BroadcastId broadcast{new_uuid()};
    CHECK(fixture.run(store.get(kTenant, broadcast, fixture.deadline())).error() == Errc::not_found);
    const MessageQuery query{broadcast, std::nullopt, std::nullopt, 100, kTenant};
    CHECK(fixture.run(store.messages(query, fixture.deadline())).error() == Errc::not_found);
    CHECK(fixture.run(store.message(kTenant, MessageId{new_uuid()}, fixture.deadline())).error() == Errc::not_found);
    const auto paused = fixture.run(store.command(kTenant, broadcast, BroadcastCommand::pause, fixture.deadline()));
    CHECK(paused.error() == Errc::not_found);
}

void lists_newest_first(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    std::vector<BroadcastId> made;
    for (int i = 0; i < 5; ++i)
        made.push_back(driver.create(2));
    std::reverse(made.begin(), made.end());
    std::vector<BroadcastId> listed;
    std::optional<BroadcastId> before;
    for (;;) {
        const auto page = fixture.run(fixture.broadcasts().list(kTenant, before, 2, fixture.deadline()));
        REQUIRE(page.has_value());
        if (page->empty())
            break;
        CHECK(page->size() <= 2);
        for (const auto& broadcast : *page) {
            listed.push_back(broadcast.id);
            CHECK(broadcast.counts == driver.get(broadcast.id).counts);
            CHECK(broadcast.text == "a text");
            CHECK(broadcast.name == "a name");
        }
        before = page->back().id;
    }
    CHECK(listed == made);
}

void pages(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(23, 5);
    const auto all = ids_of(driver.messages(id));
    for (const int limit : {1, 7, 23, 24, 1000}) {
        std::vector<MessageId> read;
        MessageQuery query{id, std::nullopt, std::nullopt, limit, kTenant};
        for (;;) {
            const auto page = fixture.run(fixture.broadcasts().messages(query, fixture.deadline()));
            REQUIRE(page.has_value());
            if (page->empty())
                break;
            CHECK(page->size() <= static_cast<std::size_t>(limit));
            const auto some = ids_of(*page);
            read.insert(read.end(), some.begin(), some.end());
            query.after = some.back();
        }
        CHECK(read == all);
    }
}

// One message in each status that the ports lead to.
void filters_by_status(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(8, 1);
    const auto all = ids_of(driver.messages(id));
    const auto claimed = driver.claim(7);
    REQUIRE(claimed.size() == 7);
    auto tickets = refs(claimed);
    std::sort(tickets.begin(), tickets.end());
    driver.mark_queued(tickets);
    const auto taken = driver.take({tickets.begin() + 1, tickets.end()});
    REQUIRE(taken.size() == 6);
    driver.record({accepted(taken[1]), accepted(taken[2]), rejected(taken[3]), uncertain(taken[4])});
    driver.receive_one(receipt_of(taken[2].messages[0].id));
    MessageFacts over;
    over.status = expired;
    fixture.put(driver.messages(id, pending).front().id, over);
    driver.give_back({taken[5].ref});
    for (const auto status : {pending, queued, sending, sent, delivered, failed, unknown, expired}) {
        INFO(to_string(status));
        const auto found = driver.messages(id, status);
        REQUIRE(found.size() == 1);
        CHECK(found.front().status == status);
        CHECK(driver.status(found.front().id) == status);
    }
    CHECK(driver.messages(id, canceled).empty());
    CHECK(driver.messages(id, suppressed).empty());
    driver.check_counts();
}

void pages_of_a_status(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(40, 40);
    const auto ticket = driver.take_due();
    std::vector<MessageResult> results;
    for (std::size_t i = 0; i < 40; ++i)
        results.push_back(i % 2 ? rejected(ticket, i) : accepted(ticket, i));
    driver.record(results);
    MessageQuery query{id, failed, std::nullopt, 7, kTenant};
    std::size_t read = 0;
    for (;;) {
        const auto page = fixture.run(fixture.broadcasts().messages(query, fixture.deadline()));
        REQUIRE(page.has_value());
        if (page->empty())
            break;
        for (const auto& message : *page)
            CHECK(message.status == failed);
        read += page->size();
        query.after = page->back().id;
    }
    CHECK(read == 20);
}

void answers_pings(StoreFixture& fixture) {
    CHECK(fixture.run(fixture.broadcasts().ping(fixture.deadline())).has_value());
    CHECK(fixture.run(fixture.receipts().ping(fixture.deadline())).has_value());
}

constexpr StoreCase kBroadcastCases[] = {
    {"create keeps every recipient, in order", keeps_recipients},
    {"a broadcast is taken in once", is_taken_in_once},
    {"an intake without a commit shows nothing", shows_nothing_without_a_commit},
    {"the tickets hold every message once", tickets_hold_all},
    {"broadcasts of one moment do not mix", does_not_mix},
    {"what does not exist is not found", finds_nothing},
    {"broadcasts are listed newest first, page by page", lists_newest_first},
    {"messages are paged in order", pages},
    {"messages are filtered by every status, those of tickets too", filters_by_status},
    {"a status is paged", pages_of_a_status},
    {"pings are answered", answers_pings},
};

} // namespace

std::span<const StoreCase> store_broadcast_cases() {
    return kBroadcastCases;
}

} // namespace smsbcast::test
