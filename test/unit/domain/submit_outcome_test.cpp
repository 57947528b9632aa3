#include "smsbcast/domain/submit_outcome.hpp"

#include "smsbcast/domain/ticket.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace smsbcast;
using namespace std::chrono_literals;

namespace {

std::string_view class_of(int status, bool retry_after = false, std::optional<std::string> id = std::nullopt) {
    HttpAnswer answer;
    answer.status = status;
    if (retry_after)
        answer.retry_after = 2s;
    answer.provider_id = std::move(id);
    return outcome_class(classify(answer));
}

} // namespace

TEST_CASE("a 2xx with an id is accepted, without one it is taken all the same", "[domain][outcome]") {
    for (const int status : {200, 201, 202, 204, 299}) {
        CHECK(class_of(status, false, "p1") == "accepted");
        CHECK(class_of(status) == "unidentified");
        CHECK(class_of(status, false, "") == "unidentified");
    }
}

TEST_CASE("each status has its class", "[domain][outcome]") {
    const auto [wanted, statuses] = GENERATE(table<std::string_view, std::vector<int>>({
        {"rejected", {400, 406, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 423, 424, 428, 431, 451, 499}},
        {"refused", {401, 402, 407, 421, 426, 511, 300, 301, 302, 303, 304, 307, 308, 399}},
        {"disputed", {403, 404, 405}},
        {"throttled", {425, 429, 503}},
        {"unknown", {100, 199, 408, 409, 500, 501, 502, 504, 505, 507, 520, 599, 0, 99, 600, 999, -1}},
    }));
    for (const int status : statuses) {
        CAPTURE(status);
        CHECK(class_of(status) == wanted);
        CHECK(class_of(status, true) == wanted); // whatever Retry-After says
        CHECK(class_of(status, false, "p1") == wanted);
    }
}

TEST_CASE("the table names each status once, in order, and has a sentence for it", "[domain][outcome]") {
    int next = 100;
    for (const auto& row : status_table()) {
        CHECK(row.first == next);
        CHECK(row.last >= row.first);
        CHECK_FALSE(row.sentence.empty());
        next = row.last + 1;
    }
    CHECK(next == 600);
}

TEST_CASE("the provider's wish and words are kept", "[domain][outcome]") {
    HttpAnswer answer;
    answer.status = 429;
    answer.retry_after = 7s;
    CHECK(std::get<Throttled>(classify(answer)).retry_after == 7s);
    answer.status = 400;
    answer.error_message = "no such number";
    CHECK(std::get<Rejected>(classify(answer)).message == "no such number");
    CHECK(std::get<Rejected>(classify(answer)).code == "http_400");
    answer.status = 402;
    answer.error_message = "no credit left";
    CHECK(std::get<Refused>(classify(answer)).message == "no credit left");
    CHECK(std::get<Refused>(classify(answer)).code == "http_402");
    answer.status = 200;
    answer.error_message = "Insufficient balance";
    CHECK(std::get<Unidentified>(classify(answer)).message == "Insufficient balance");
    answer.error_message = "";
    CHECK(std::get<Unidentified>(classify(answer)).message == status_row(200).sentence);
}

TEST_CASE("the key is the message and its generation", "[domain][outcome]") {
    const MessageId id{*parse_uuid("0189d7c6-5b3a-7def-8123-456789abcdef")};
    CHECK(idempotency_key(id, 0) == "0189d7c6-5b3a-7def-8123-456789abcdef-0");
    CHECK(idempotency_key(id, 3) != idempotency_key(id, 2));
}

TEST_CASE("an answer that broke off after its head is judged by its status", "[domain][outcome]") {
    const auto outcome_of = [](int status) {
        HttpAnswer head;
        head.status = status;
        head.retry_after = 7s;
        return classify_broken(head, "closed", "cut");
    };
    CHECK(std::holds_alternative<Rejected>(outcome_of(400)));
    CHECK(std::holds_alternative<Refused>(outcome_of(402)));
    CHECK(std::holds_alternative<Disputed>(outcome_of(404)));
    CHECK(std::get<Throttled>(outcome_of(429)).retry_after == 7s);
    for (const int status : {200, 202, 204, 500, 502, 0}) {
        CAPTURE(status);
        const auto uncertain = std::get<Uncertain>(outcome_of(status));
        CHECK(uncertain.taken == (status / 100 == 2));
        CHECK(uncertain.code == "closed");
        CHECK(uncertain.message == "cut");
    }
}
