#include "adapters/postgres/result_rows.hpp"

#include "adapters/postgres/lock_statements.hpp"
#include "adapters/postgres/result_statements.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace smsbcast::adapters::postgres {

namespace {

Uuid small(int number) {
    Uuid id;
    id.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
}

MessageResult result(int message, int ticket, NextStep step, int attempts = 1, int ticket_attempt = 1) {
    MessageResult made;
    made.message = MessageId{small(message)};
    made.ticket = {TicketId{small(ticket)}, ticket_attempt};
    made.verdict.step = step;
    made.verdict.attempts = attempts;
    if (step != NextStep::sent)
        made.verdict.error = MessageError{"code", "not_sent", "text"};
    return made;
}

std::int32_t count(const std::optional<std::string>& array) {
    return array ? static_cast<unsigned char>(array->at(15)) : -1;
}

} // namespace

TEST_CASE("results are put in order of message", "[postgres]") {
    const auto rows =
        result_rows({result(3, 9, NextStep::sent), result(1, 9, NextStep::failed), result(2, 8, NextStep::unknown)});
    REQUIRE(rows.size() == 3);
    for (int i = 0; i < 3; ++i) {
        CHECK(rows[static_cast<std::size_t>(i)].result.message.value == small(i + 1));
        CHECK_FALSE(rows[static_cast<std::size_t>(i)].new_ticket);
    }
}

TEST_CASE("each kind of retry has a new ticket", "[postgres]") {
    auto throttled = result(4, 9, NextStep::retry, 1);
    throttled.verdict.error->error_class = "throttled";
    const auto rows = result_rows({result(1, 9, NextStep::retry, 1), result(2, 9, NextStep::retry, 1),
                                   result(3, 9, NextStep::retry, 2), throttled, result(5, 8, NextStep::retry, 1),
                                   result(6, 9, NextStep::retry, 1, 2), result(7, 9, NextStep::sent)});
    CHECK(rows[0].new_ticket == rows[1].new_ticket);
    std::set<Uuid> different;
    for (std::size_t i = 1; i < 6; ++i)
        different.insert(rows[i].new_ticket.value());
    CHECK(different.size() == 5);
    CHECK_FALSE(rows[6].new_ticket);
}

TEST_CASE("a batch locks its messages and tickets and records once", "[postgres]") {
    const auto transaction = record_transaction(
        {result(2, 9, NextStep::sent), result(1, 9, NextStep::retry), result(3, 8, NextStep::failed)}, 5,
        std::chrono::seconds(1));
    REQUIRE(transaction.size() == 3);
    CHECK(count(transaction[0].params.values()[0]) == 3);
    CHECK(count(transaction[1].params.values()[0]) == 2);
    CHECK(transaction[2].statement == &sql::kRecordResults);
    REQUIRE(transaction[2].params.size() == 19);
    for (std::size_t column = 0; column < 15; ++column)
        CHECK(count(transaction[2].params.values()[column]) == 3);
    CHECK(count(transaction[2].params.values()[18]) == 3);
}

TEST_CASE("a message that comes again is recorded in a statement of its own", "[postgres]") {
    const auto transaction =
        record_transaction({result(1, 9, NextStep::sent, 1, 2), result(2, 9, NextStep::sent),
                            result(1, 9, NextStep::failed, 1, 1), result(1, 9, NextStep::sent, 1, 2)},
                           5, std::chrono::seconds(1));
    REQUIRE(transaction.size() == 6);
    CHECK(transaction[2].statement == &sql::kLockCounts); // which the statements after it may not take in order
    CHECK(count(transaction[3].params.values()[0]) == 2);
    CHECK(count(transaction[4].params.values()[0]) == 1);
    CHECK(count(transaction[5].params.values()[0]) == 1);
    // In order of the attempts at the ticket.
    CHECK(transaction[3].params.values()[3]->find("failed") != std::string::npos);
    CHECK(transaction[4].params.values()[3]->find("failed") == std::string::npos);
}

TEST_CASE("a message that comes again goes into another ticket than those of the turn before", "[postgres]") {
    const auto transaction = record_transaction(
        {result(1, 9, NextStep::retry, 1, 2), result(2, 9, NextStep::sent, 1, 1), result(2, 9, NextStep::retry, 1, 2)},
        5, std::chrono::seconds(1));
    REQUIRE(transaction.size() == 5);
    const auto &first = transaction[3].params.values()[12], &second = transaction[4].params.values()[12];
    REQUIRE(first);
    REQUIRE(second);
    const auto last_id = [](const std::string& array) { return array.substr(array.size() - 16); };
    CHECK(first->find(last_id(*second)) == std::string::npos);
}

} // namespace smsbcast::adapters::postgres
