#include "mock/send_request.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::mock;

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
    CHECK(request.named);
}

TEST_CASE("A message as the predecessor and other senders write it", "[mock]") {
    const auto body = GENERATE_COPY(values<std::string>({
        R"({"message_id":")" + kId + R"(","to":"+66812345678","body":"Hi","dlr_webhook_url":""})",
        R"({"message_id":")" + kId + R"(","to":"+66812345678","body":"Hi","dlr_webhook_url":null})",
        R"({"message_id":")" + kId + R"(","to":"+66812345678","body":"Hi","priority":{"x":1}})",
        "\xef\xbb\xbf{\"message_id\":\"" + kId + R"(","to":66812345678,"body":"Hi"})",
        R"({"message_id":")" + kId + R"(","to":"+66 (81) 234-5678","body":"Hi"})",
    }));
    CAPTURE(body);
    const auto read = read_send_request(body);
    REQUIRE(std::holds_alternative<SendRequest>(read));
    const auto& request = std::get<SendRequest>(read);
    CHECK(to_string(request.message) == kId);
    CHECK(request.phone.digits() == 66812345678);
    CHECK(request.webhook_url.empty());
}

TEST_CASE("A message's id may be any text, or missing", "[mock]") {
    const auto read = [](const std::string& id) {
        const auto request = read_send_request("{" + id + R"("to":"0812345678","body":"Hi"})");
        REQUIRE(std::holds_alternative<SendRequest>(request));
        return std::get<SendRequest>(request);
    };
    const auto text = read(R"("message_id":"order-7",)");
    CHECK_FALSE(text.named);
    CHECK(text.message == read(R"("message_id":"order-7",)").message);
    CHECK(text.message != read(R"("message_id":"order-8",)").message);
    CHECK(read(R"("message_id":7,)").message == read(R"("message_id":"7",)").message);
    CHECK(read("").message != read("").message);
    CHECK(read(R"("message_id":null,)").message != read(R"("message_id":"",)").message);
    CHECK_FALSE(read("").named);
    CHECK(text.phone.digits() == 812345678);
}

TEST_CASE("Members that are missing or of another type are named, all of them", "[mock]") {
    const auto [body, fields] = GENERATE(table<std::string, std::vector<std::string>>({
        {"{}", {"to", "body"}},
        {R"({"message_id":[],"to":{},"body":true,"dlr_webhook_url":[1]})",
         {"message_id", "to", "body", "dlr_webhook_url"}},
        {R"({"message_id":"x","to":"","body":"","dlr_webhook_url":"h"})", {"to", "body"}},
    }));
    const auto read = read_send_request(body);
    REQUIRE(std::holds_alternative<http::Problem>(read));
    const auto& problem = std::get<http::Problem>(read);
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
    REQUIRE(std::holds_alternative<http::Problem>(read));
    CHECK(std::get<http::Problem>(read).status == 400);
    CHECK(std::get<http::Problem>(read).code == "malformed_json");
}

TEST_CASE("A number without digits is refused for good", "[mock]") {
    const auto read =
        read_send_request(R"({"message_id":")" + kId + R"(","to":"+ext","body":"Hi","dlr_webhook_url":"h"})");
    REQUIRE(std::holds_alternative<http::Problem>(read));
    CHECK(std::get<http::Problem>(read).status == 422);
    REQUIRE(std::get<http::Problem>(read).errors.size() == 1);
    CHECK(std::get<http::Problem>(read).errors[0].field == "to");
    CHECK(std::get<http::Problem>(read).errors[0].code == "not_a_digit");
}

TEST_CASE("However many digits a number has, they fit", "[mock]") {
    const auto read = read_send_request(R"({"to":")" + std::string(40, '9') + R"(","body":"Hi"})");
    REQUIRE(std::holds_alternative<SendRequest>(read));
    CHECK(std::get<SendRequest>(read).phone.text() == "+" + std::string(19, '9'));
}
