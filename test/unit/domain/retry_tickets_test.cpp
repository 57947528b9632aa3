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
    const auto first = tickets.ticket_for(one, failed);
    CHECK(tickets.ticket_for(one, failed) == first);
    CHECK(tickets.ticket_for(one, failed_twice) > first);
    CHECK(tickets.ticket_for(one, throttled) > first);
    CHECK(tickets.ticket_for(later, failed) > first);
    CHECK(tickets.ticket_for(other, failed) > first);
    CHECK(tickets.ticket_for(one, failed) == first);
}

} // namespace smsbcast
