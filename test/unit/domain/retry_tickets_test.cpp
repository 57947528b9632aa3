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

TEST_CASE("one draw holds for all of a ticket, but for those that were told how long to wait", "[domain]") {
    using std::chrono::milliseconds;
    const TicketRef one{TicketId{new_uuid()}, 1};
    Verdict failed, throttled;
    throttled.error = MessageError{"429", "throttled", "later"};
    RetryTickets tickets;
    for (const int delay : {70, 900, 5}) {
        failed.delay = throttled.delay = milliseconds(delay);
        CHECK(tickets.place_for(one, failed).delay == milliseconds(70));
        CHECK(tickets.place_for(one, throttled).delay == milliseconds(delay));
    }
}

} // namespace smsbcast
