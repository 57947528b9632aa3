#include "smsbcast/domain/ticket_plan.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;

TEST_CASE("ticket plan: every recipient is in one ticket, in order", "[domain][ticket_plan]") {
    const auto recipients = static_cast<std::size_t>(GENERATE(1, 2, 99, 100, 101, 250, 1000));
    const int ticket_size = GENERATE(1, 3, 100, 1000);
    CAPTURE(recipients, ticket_size);
    TicketPlan plan(recipients, ticket_size);
    std::size_t next = 0;
    std::optional<MessageId> before;
    std::optional<TicketId> ticket_before;
    while (const auto ticket = plan.next()) {
        REQUIRE(ticket->from == next);
        REQUIRE(ticket->size >= 1);
        REQUIRE(ticket->size <= static_cast<std::size_t>(ticket_size));
        REQUIRE((!ticket_before || *ticket_before < ticket->id));
        ticket_before = ticket->id;
        auto ids = ticket->messages;
        for (std::size_t i = 0; i < ticket->size; ++i) {
            const MessageId id{ids.next()};
            if (i == 0)
                REQUIRE(id == ticket->first);
            if (next == 0)
                REQUIRE(id == plan.first_message());
            REQUIRE((!before || *before < id));
            before = id;
            ++next;
        }
        REQUIRE(*before == ticket->last);
    }
    CHECK(next == recipients);
    CHECK_FALSE(plan.next());
}

TEST_CASE("ticket plan: only the last ticket is smaller", "[domain][ticket_plan]") {
    TicketPlan plan(250, 100);
    CHECK(plan.next()->size == 100);
    CHECK(plan.next()->size == 100);
    CHECK(plan.next()->size == 50);
}
