#include "transport/api/receipt_body.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::transport;

namespace {

constexpr std::string_view kId = "018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d57";

std::string verdict(std::string_view body, std::string_view query = {}) {
    const auto outcome = read_receipt(body, query);
    if (const auto* problem = std::get_if<Problem>(&outcome)) {
        CHECK(problem->status == 400);
        std::string text = problem->code;
        for (const auto& error : problem->errors)
            text += " " + error.field + ":" + error.code;
        return text;
    }
    const auto& receipt = std::get<Receipt>(outcome);
    return receipt.provider_id + (receipt.delivered ? " delivered " : " failed ") + receipt.error_code.value_or("-") +
           " " + (receipt.message ? to_string(*receipt.message) : "-");
}

} // namespace

TEST_CASE("a receipt is read from the body and the query", "[transport]") {
    CHECK(verdict(R"({"provider_id":"p1","status":"delivered"})") == "p1 delivered - -");
    CHECK(verdict(R"({"provider_id":"p1","status":"failed","error_code":"E7","more":{"x":[1]}})") == "p1 failed E7 -");
    CHECK(verdict(R"({"provider_id":"p1","status":"failed","error_code":-34})") == "p1 failed -34 -");
    CHECK(verdict(R"({"provider_id":"p1","status":"failed","error_code":null,"message_id":null})") == "p1 failed - -");
    const auto id = std::string(kId);
    CHECK(verdict(R"({"provider_id":"p1","status":"failed"})", "message_id=" + id + "&token=x") == "p1 failed - " + id);
    CHECK(verdict(R"({"provider_id":"p1","status":"failed","message_id":")" + id + "\"}") == "p1 failed - " + id);
    CHECK(verdict(R"({"provider_id":"p1","status":"failed","message_id":")" + id + "\"}", "message_id=" + id) ==
          "p1 failed - " + id);
}

TEST_CASE("a receipt that says nothing is told why", "[transport]") {
    const auto id = std::string(kId);
    CHECK(verdict("") == "malformed_json");
    CHECK(verdict("{}x") == "malformed_json");
    CHECK(verdict("[]") == "not_an_object");
    CHECK(verdict("{}") == "invalid_receipt provider_id:missing status:missing");
    CHECK(verdict(R"({"provider_id":"","status":"sent"})") == "invalid_receipt provider_id:invalid status:invalid");
    CHECK(verdict(R"({"provider_id":"a\u0000","status":7})") == "invalid_receipt provider_id:invalid status:invalid");
    CHECK(verdict(R"({"provider_id":")" + std::string(256, 'x') + R"(","status":"failed"})") ==
          "invalid_receipt provider_id:invalid");
    CHECK(verdict(R"({"provider_id":"p","status":"failed","error_code":")" + std::string(65, 'x') + "\"}") ==
          "invalid_receipt error_code:invalid");
    CHECK(verdict(R"({"provider_id":"p","status":"failed","error_code":{}})") == "invalid_receipt error_code:invalid");
    CHECK(verdict(R"({"provider_id":"p","status":"failed"})", "message_id=7") ==
          "invalid_receipt message_id:malformed_id");
    CHECK(verdict(R"({"provider_id":"p","status":"failed"})", "message_id=" + id + "&message_id=" + id) ==
          "invalid_receipt message_id:duplicate");
    CHECK(verdict(R"({"provider_id":"p","status":"failed","message_id":"018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d58"})",
                  "message_id=" + id) == "invalid_receipt message_id:conflict");
    CHECK(verdict("{\"provider_id\":\"\xff\",\"status\":\"failed\"}") == "malformed_json");
}
