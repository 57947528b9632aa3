#include "interleaved.hpp"

// What the interleavings stand on: an operation is held exactly where it was to be.

namespace smsbcast::test {

TEST_CASE_METHOD(Interleaved, "a gate holds an operation after each of its statements", "[postgres][interleaved]") {
    StoreDriver driver(fixture());
    create(driver, 2);
    const auto ticket = driver.take_due();
    const auto free_rows = [&](const std::string& table) {
        return admin().query("SELECT id FROM " + table + " FOR NO KEY UPDATE SKIP LOCKED").size();
    };
    Side recording{stores(0)}, idle{stores(1)};
    start(recording, stores(0).record(all_accepted(ticket)));
    struct Expected {
        std::size_t messages, tickets;
        std::string statuses;
    };
    const std::vector<Expected> boundaries{
        {2, 1, "sending sending"}, // nothing was begun
        {0, 1, "sending sending"}, // messages are locked
        {0, 0, "sending sending"}, // and tickets
        {0, 0, "sending sending"}, // changed, not committed
    };
    for (const auto& expected : boundaries) {
        CHECK(go(recording, idle, &expected == &boundaries.front() ? 0 : 1) == Stop::held);
        CHECK(free_rows("messages") == expected.messages);
        CHECK(free_rows("outbox") == expected.tickets);
        CHECK(statuses(driver) == expected.statuses);
    }
    CHECK(go(recording, idle, 1) == Stop::over);
    CHECK(statuses(driver) == "sent sent");
    CHECK(free_rows("messages") == 2);
}

TEST_CASE_METHOD(Interleaved, "an operation that waits for a held one is seen to wait", "[postgres][interleaved]") {
    StoreDriver driver(fixture());
    create(driver, 2);
    const auto ticket = driver.take_due();
    Side recording{stores(0)}, receiving{stores(1)};
    start(recording, stores(0).record(all_accepted(ticket)));
    start(receiving, stores(1).receive({receipt_of(ticket.messages[1].id)}));
    CHECK(go(recording, receiving, 1) == Stop::held);
    CHECK(go(receiving, recording, 1) == Stop::waits);
    CHECK(go(recording, receiving, std::nullopt) == Stop::over);
    CHECK(go(receiving, recording, std::nullopt) == Stop::over);
    CHECK(statuses(driver) == "sent delivered");
}

} // namespace smsbcast::test
