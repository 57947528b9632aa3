#include "smsbcast/app/fair_turns.hpp"
#include "support/app_ids.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;
using app::FairTurns;

namespace {

TicketRef numbered(int number) {
    return {ticket_id(number), 1};
}

/// The order in which everything is dropped.
std::vector<int> drain(FairTurns& turns) {
    std::vector<int> order;
    for (; !turns.empty(); turns.drop())
        order.push_back(number_of(turns.front().id.value));
    return order;
}

} // namespace

TEST_CASE("fair turns: one broadcast is a queue", "[app][turns]") {
    FairTurns turns;
    CHECK(turns.empty());
    for (int i = 1; i <= 4; ++i)
        turns.add(broadcast_id(1), numbered(i));
    CHECK(drain(turns) == std::vector<int>{1, 2, 3, 4});
}

TEST_CASE("fair turns: a late small broadcast is next but one", "[app][turns]") {
    FairTurns turns;
    for (int i = 1; i <= 5; ++i)
        turns.add(broadcast_id(1), numbered(i));
    turns.add(broadcast_id(2), numbered(10));
    turns.add(broadcast_id(3), numbered(20));
    turns.add(broadcast_id(3), numbered(21));
    CHECK(drain(turns) == std::vector<int>{1, 10, 20, 2, 21, 3, 4, 5});
}

TEST_CASE("fair turns: passing keeps the ticket in front of its own broadcast", "[app][turns]") {
    FairTurns turns;
    turns.add(broadcast_id(1), numbered(1));
    turns.add(broadcast_id(1), numbered(2));
    turns.add(broadcast_id(2), numbered(3));
    turns.pass();
    CHECK(turns.front() == numbered(3));
    turns.pass();
    CHECK(turns.front() == numbered(1));
    turns.drop();
    CHECK(turns.front() == numbered(3));
    turns.drop();
    CHECK(turns.front() == numbered(2));
    turns.pass();
    CHECK(turns.front() == numbered(2));
    turns.drop();
    CHECK(turns.empty());
}
