#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>
#include <map>
#include <set>

// The relay's side: claim, mark, release.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

std::map<BroadcastId, int> tickets_of(const std::vector<ClaimedTicket>& claimed) {
    std::map<BroadcastId, int> tickets;
    for (const auto& ticket : claimed)
        ++tickets[ticket.broadcast];
    return tickets;
}

int messages_of(const std::vector<ClaimedTicket>& claimed) {
    int messages = 0;
    for (const auto& ticket : claimed)
        messages += ticket.messages;
    return messages;
}

void claims_fairly(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto big = driver.create(3000, 10), middle = driver.create(200, 10), small = driver.create(15, 10);
    const auto first = driver.claim(100);
    auto tickets = tickets_of(first);
    CHECK(tickets[small] == 2);
    CHECK(std::abs(tickets[big] - tickets[middle]) <= 1);
    CHECK(messages_of(first) >= 100);
    CHECK(messages_of(first) < 110);
    // The small one is done: the others share alike until the middle one is done as well.
    std::map<BroadcastId, int> all = tickets;
    for (int i = 0; i < 10; ++i) {
        const auto more = driver.claim(100);
        CHECK(messages_of(more) >= 100);
        CHECK(messages_of(more) < 110);
        for (const auto& [id, count] : tickets_of(more))
            all[id] += count;
    }
    CHECK(all[middle] == 20);
    CHECK(all[small] == 2);
    CHECK(all[big] > 80);
    driver.check_counts();
}

void claims_one_of_each_first(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    for (int i = 0; i < 12; ++i)
        driver.create(30, 10);
    const auto claimed = driver.claim(60); // room for six tickets among twelve
    CHECK(claimed.size() == 6);
    CHECK(tickets_of(claimed).size() == 6);
}

void claims_up_to_the_limit(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(45, 10);
    CHECK(driver.claim(1).size() == 1);
    CHECK(driver.claim(11).size() == 2);
    const auto rest = driver.claim(1000);
    CHECK(rest.size() == 2);
    CHECK(messages_of(rest) == 15);
    CHECK(driver.claim().empty());
    CHECK_FALSE(driver.load().work_due);
}

void claims_uneven_tickets(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(30, 30);
    const auto ticket = driver.take_due();
    // Retries of one, two and three messages make tickets of their own.
    driver.record({not_sent(ticket, 0)});
    driver.record({not_sent(ticket, 1), not_sent(ticket, 2)});
    driver.record({not_sent(ticket, 3), not_sent(ticket, 4), not_sent(ticket, 5)});
    driver.give_back({ticket.ref});
    const auto claimed = driver.claim(5);
    CHECK(messages_of(claimed) >= 5);
    const auto others = driver.claim(1000);
    CHECK(messages_of(claimed) + messages_of(others) == 30);
    CHECK(claimed.size() + others.size() == 4);
    CHECK(driver.get(id).counts[pending] == 30);
}

void claimers_differ(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(400, 5);
    driver.create(100, 5);
    std::set<TicketRef> seen;
    for (int round = 0; round < 50; ++round) {
        std::vector<boost::asio::awaitable<Result<std::vector<ClaimedTicket>>>> claims;
        for (int i = 0; i < 3; ++i)
            claims.push_back(fixture.outbox().claim(20, kLong, fixture.deadline()));
        for (const auto& claimed : fixture.run_all(std::move(claims))) {
            REQUIRE(claimed.has_value());
            for (const auto& ticket : *claimed)
                CHECK(seen.insert(ticket.ref).second);
        }
    }
    CHECK(seen.size() == 100);
}

void claims_lapse(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto first = driver.claim(100, kShort);
    REQUIRE(first.size() == 1);
    std::vector<ClaimedTicket> again;
    driver.until([&] {
        again = driver.claim(100, kLong);
        return !again.empty();
    });
    CHECK(refs(again) == refs(first));
    CHECK(driver.claim().empty());
}

void releases(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(4, 2);
    const auto claimed = refs(driver.claim());
    REQUIRE(claimed.size() == 2);
    CHECK_FALSE(driver.load().work_due);
    driver.release({claimed[1]});
    CHECK(driver.load().work_due);
    CHECK(refs(driver.claim()) == std::vector{claimed[1]});
    CHECK(driver.claim().empty());
}

void marks_queued(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(5, 3);
    const auto claimed = driver.claim();
    CHECK(driver.get(id).counts[pending] == 5);
    driver.mark_queued(refs(claimed));
    CHECK(driver.get(id).counts[queued] == 5);
    const auto load = driver.load();
    CHECK(load.queued_messages == 5);
    CHECK(driver.taken_messages() == 0);
    for (const auto& message : driver.messages(id))
        CHECK(message.queued_at);
    driver.mark_queued(refs(claimed));
    CHECK(driver.load().queued_messages == 5);

    const auto taken = driver.take({claimed[0].ref});
    REQUIRE(taken.size() == 1);
    CHECK(driver.load().queued_messages == 5 - claimed[0].messages);
    CHECK(driver.taken_messages() == claimed[0].messages);
    driver.record({accepted(taken[0])});
    CHECK(driver.taken_messages() == claimed[0].messages - 1);
}

// The confirm of the broker may be written down after a worker has the ticket, or even after it gave it back.
void marks_late(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    const auto id = driver.create(1);
    const auto ref = driver.claim().front().ref;
    const auto taken = driver.take({ref});
    REQUIRE(taken.size() == 1);
    driver.mark_queued({ref});
    driver.release({ref});
    CHECK(driver.get(id).counts[sending] == 1);
    CHECK(driver.load().queued_messages == 0);
    CHECK(driver.claim().empty());

    driver.give_back(refs(taken));
    driver.mark_queued({ref});
    CHECK(driver.get(id).counts[pending] == 1);
    CHECK(driver.claim().size() == 1);
    driver.release({ref});
    CHECK(driver.claim().empty());
}

void ignores_what_is_gone(StoreFixture& fixture) {
    StoreDriver driver(fixture);
    driver.create(1);
    const auto ticket = driver.take_due();
    driver.record({accepted(ticket)});
    driver.mark_queued({{ticket.ref.id, 0}, {TicketId{new_uuid()}, 0}});
    driver.release({{ticket.ref.id, 1}, {TicketId{new_uuid()}, 3}});
    driver.mark_queued({});
    driver.release({});
    CHECK(driver.claim().empty());
    const auto load = driver.load();
    CHECK(load.queued_messages == 0);
    CHECK(driver.taken_messages() == 0);
}

void waits_no_longer_than_told(StoreFixture& fixture) {
    for (int i = 0; i < 3; ++i) {
        const auto until = Deadline::after(std::chrono::milliseconds(50));
        const auto wait = [](Outbox& outbox, Deadline deadline) -> boost::asio::awaitable<bool> {
            co_await outbox.wait_for_work(deadline);
            co_return true;
        };
        CHECK(fixture.run(wait(fixture.outbox(), until)));
    }
}

constexpr StoreCase kOutboxCases[] = {
    {"claims take turns between broadcasts", claims_fairly},
    {"claims take one ticket of each before a second of any", claims_one_of_each_first},
    {"claims stop at the limit", claims_up_to_the_limit},
    {"claims count messages, not tickets", claims_uneven_tickets},
    {"claimers never claim the same", claimers_differ},
    {"a claim lapses", claims_lapse},
    {"released tickets are due at once", releases},
    {"queued tickets show in messages and load", marks_queued},
    {"a late confirm changes nothing", marks_late},
    {"tickets that are gone are ignored", ignores_what_is_gone},
    {"waiting for work ends at the deadline", waits_no_longer_than_told},
};

} // namespace

std::span<const StoreCase> store_outbox_cases() {
    return kOutboxCases;
}

} // namespace smsbcast::test
