#include "smsbcast/domain/retry_tickets.hpp"

#include <catch2/catch.hpp>

namespace smsbcast {

TEST_CASE("what waits alike goes into one ticket", "[domain]") {
    const TicketRef one{TicketId{new_uuid()}, 1}, later{one.id, 2}, other{TicketId{new_uuid()}, 1};
    Verdict failed, failed_twice, throttled;
    failed.attempts = throttled.attempts = 1;
    failed_twice.attempts = 2;
    failed.error = failed_twice.error = MessageError{"refused", "not_sent", "no connection"};
    throttled.error = MessageError{"429", "throttled", "later"};
    RetryTickets tickets;
    const auto id = [&](const TicketRef& old, const Verdict& verdict) { return tickets.place_for(old, verdict).id; };
    const auto first = id(one, failed);
    CHECK(id(one, failed) == first);
    CHECK(id(one, failed_twice) > first);
    CHECK(id(one, throttled) > first);
    CHECK(id(later, failed) > first);
    CHECK(id(other, failed) > first);
    CHECK(id(one, failed) == first);
}

TEST_CASE("one draw holds for all of a ticket", "[domain]") {
    using std::chrono::milliseconds;
    const TicketRef one{TicketId{new_uuid()}, 1};
    Verdict failed;
    RetryTickets tickets;
    for (const int delay : {70, 900, 5}) {
        failed.delay = milliseconds(delay);
        CHECK(tickets.place_for(one, failed).delay == milliseconds(70));
    }
}

TEST_CASE("nobody waits for one that is throttled for longer", "[domain]") {
    using std::chrono::milliseconds;
    const TicketRef one{TicketId{new_uuid()}, 1};
    Verdict throttled;
    throttled.error = MessageError{"429", "throttled", "later"};
    RetryTickets tickets;
    const auto place = [&](int delay) {
        throttled.delay = milliseconds(delay);
        return tickets.place_for(one, throttled);
    };
    const auto second = place(1100), hour = place(3'600'000), now = place(0);
    CHECK(second.delay == milliseconds(1100));
    CHECK(second.id != hour.id);
    CHECK(second.id != now.id);
    CHECK(place(1500).id == second.id);
    CHECK(place(2100).id != second.id);
    CHECK(place(4'000'000).id == hour.id);
}

} // namespace smsbcast
