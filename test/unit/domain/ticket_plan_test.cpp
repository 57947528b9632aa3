#include "smsbcast/domain/ticket_plan.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace smsbcast;

TEST_CASE("ticket plan: every recipient is in one ticket, in order", "[domain][ticket_plan]") {
    const auto recipients = static_cast<std::size_t>(GENERATE(1, 2, 99, 100, 101, 250, 1000));
    const auto piece = static_cast<std::size_t>(GENERATE(1000, 130, 7));
    const int ticket_size = GENERATE(1, 3, 100, 1000);
    CAPTURE(recipients, piece, ticket_size);
    TicketPlan plan(ticket_size);
    std::optional<MessageId> before;
    std::optional<TicketId> ticket_before;
    for (std::size_t done = 0; done < recipients; done += piece) {
        const auto size = std::min(piece, recipients - done);
        std::size_t next = 0;
        for (const auto& ticket : plan.next(size)) {
            REQUIRE(ticket.from == next);
            REQUIRE(ticket.size() >= 1);
            REQUIRE(ticket.size() <= static_cast<std::size_t>(ticket_size));
            REQUIRE((!ticket_before || *ticket_before < ticket.id));
            ticket_before = ticket.id;
            for (const auto& id : ticket.messages) {
                ++next;
                if (!before)
                    REQUIRE(id == plan.first_message());
                REQUIRE((!before || *before < id));
                before = id;
            }
            REQUIRE(*before == ticket.last());
        }
        REQUIRE(next == size);
        REQUIRE(plan.total() == done + size);
        REQUIRE(plan.last_message() == *before);
    }
}

TEST_CASE("ticket plan: only the last ticket of a piece is smaller", "[domain][ticket_plan]") {
    TicketPlan plan(100);
    for (int piece = 0; piece < 2; ++piece) {
        const auto tickets = plan.next(250);
        REQUIRE(tickets.size() == 3);
        CHECK(tickets[0].size() == 100);
        CHECK(tickets[1].size() == 100);
        CHECK(tickets[2].size() == 50);
    }
}
