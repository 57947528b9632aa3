#include "smsbcast/domain/submit_outcome.hpp"

#include "smsbcast/domain/ticket.hpp"

#include <catch2/catch.hpp>

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

TEST_CASE("a 2xx with an id is accepted, without one it is uncertain", "[domain][outcome]") {
    for (const int status : {200, 201, 202, 204}) {
        CHECK(class_of(status, false, "p1") == "accepted");
        CHECK(class_of(status) == "unknown");
        CHECK(class_of(status, false, "") == "unknown");
    }
}

TEST_CASE("each status has its class", "[domain][outcome]") {
    for (const int status : {400, 404, 405, 410, 413, 415, 422, 451, 301, 302, 304})
        CHECK(class_of(status) == "rejected");
    for (const int status : {408, 425, 500, 501, 502, 503, 504, 599})
        CHECK(class_of(status) == "unknown");
    for (const int status : {401, 403, 407})
        CHECK(class_of(status) == "not_sent");
    CHECK(class_of(429) == "throttled");
    CHECK(class_of(429, true) == "throttled");
    CHECK(class_of(503, true) == "throttled");
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
}

TEST_CASE("the key is the message and its generation", "[domain][outcome]") {
    const MessageId id{*parse_uuid("0189d7c6-5b3a-7def-8123-456789abcdef")};
    CHECK(idempotency_key(id, 0) == "0189d7c6-5b3a-7def-8123-456789abcdef-0");
    CHECK(idempotency_key(id, 3) != idempotency_key(id, 2));
}
