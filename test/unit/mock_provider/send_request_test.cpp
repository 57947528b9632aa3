#include "transport/mock_provider/send_request.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::transport;

namespace {

const std::string kId = "0192f0c4-7b8a-7c3d-8e1f-0123456789ab";

} // namespace

TEST_CASE("A message that is what it should be", "[mock]") {
    const auto read = read_send_request(R"({"message_id":")" + kId +
                                        R"(","to":"+66812345678","body":"Hi","dlr_webhook_url":"http:\/\/h","x":[1]})");
    REQUIRE(std::holds_alternative<SendRequest>(read));
    const auto& request = std::get<SendRequest>(read);
    CHECK(to_string(request.message) == kId);
    CHECK(request.phone.text() == "+66812345678");
    CHECK(request.webhook_url == "http://h");
}

TEST_CASE("Members that are missing or of another type are named, all of them", "[mock]") {
    const auto [body, fields] = GENERATE(table<std::string, std::vector<std::string>>({
        {"{}", {"message_id", "to", "body", "dlr_webhook_url"}},
        {R"({"message_id":1,"to":2,"body":3,"dlr_webhook_url":null})", {"message_id", "to", "body", "dlr_webhook_url"}},
        {R"({"message_id":"x","to":"+66812345678","body":"","dlr_webhook_url":"h"})", {"body", "message_id"}},
    }));
    const auto read = read_send_request(body);
    REQUIRE(std::holds_alternative<Problem>(read));
    const auto& problem = std::get<Problem>(read);
    CHECK(problem.status == 400);
    std::vector<std::string> named;
    for (const auto& error : problem.errors)
        named.push_back(error.field);
    CHECK(named == fields);
}

TEST_CASE("What is not a JSON object is a bad request", "[mock]") {
    const auto body =
        GENERATE(values<std::string>({"", "{", "[]", "\"x\"", "{}x", "{\"a\":\"\xff\"}", std::string(100, '[')}));
    const auto read = read_send_request(body);
    REQUIRE(std::holds_alternative<Problem>(read));
    CHECK(std::get<Problem>(read).status == 400);
    CHECK(std::get<Problem>(read).code == "malformed_json");
}

TEST_CASE("A number that is none is refused for good", "[mock]") {
    const auto read =
        read_send_request(R"({"message_id":")" + kId + R"(","to":"0812345678","body":"Hi","dlr_webhook_url":"h"})");
    REQUIRE(std::holds_alternative<Problem>(read));
    CHECK(std::get<Problem>(read).status == 422);
    REQUIRE(std::get<Problem>(read).errors.size() == 1);
    CHECK(std::get<Problem>(read).errors[0].field == "to");
    CHECK(std::get<Problem>(read).errors[0].code == "missing_plus");
}
