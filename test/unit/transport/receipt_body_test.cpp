#include "transport/receipt_body.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::transport;

namespace {

constexpr std::string_view kId = "018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d57";

std::string verdict(std::string_view body, std::string_view query = {}) {
    const auto outcome = read_receipt(body, query);
    if (const auto* problem = std::get_if<http::Problem>(&outcome)) {
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

TEST_CASE("a receipt is named by our id alone, or by the provider's alone", "[transport]") {
    const auto id = std::string(kId);
    const auto query = "message_id=" + id;
    for (const auto* provider_id :
         {"", R"("provider_id":null,)", R"("provider_id":"",)", R"("provider_id":" ",)", R"("provider_id":{},)",
          R"("provider_id":true,)", "\"provider_id\":\"\xff\",", R"("provider_id":"a\u0000",)"}) {
        const auto body = std::string("{") + provider_id + R"("status":"delivered"})";
        INFO(body);
        CHECK(verdict(body, query) == " delivered - " + id);
        CHECK(verdict(body).starts_with("invalid_receipt provider_id:"));
    }
    CHECK(verdict(R"({"provider_id":")" + std::string(256, 'x') + R"(","status":"failed"})", query) ==
          " failed - " + id);
    CHECK(verdict(R"({"status":"failed","message_id":")" + id + "\"}") == " failed - " + id);
}

TEST_CASE("the provider's id may be a number, of any size and as it is written", "[transport]") {
    for (const auto* number :
         {"0", "7", "-1", "9223372036854775807", "18446744073709551615", "12345678901234567890123", "1e21", "1.50"})
        CHECK(verdict(R"({"status":"failed","provider_id": )" + std::string(number) + " }") ==
              std::string(number) + " failed - -");
    CHECK(verdict(R"({"provider_id":" p1\n","status":"failed"})") == "p1 failed - -");
    CHECK(verdict(R"({"provider_id":"รหัส 1","status":"failed"})") == "รหัส 1 failed - -");
}

TEST_CASE("a message id of others is left alone", "[transport]") {
    const auto id = std::string(kId);
    const auto query = "message_id=" + id;
    for (const auto* foreign : {"\"7\"", "7", "\"018fd2c4-5b6e-7a10-9c3d-2f1e0b4a6d58\"", "[]", "{}", "true", "\"\""})
        CHECK(verdict(R"({"provider_id":"p","status":"failed","message_id":)" + std::string(foreign) + "}", query) ==
              "p failed - " + id);
    CHECK(verdict(R"({"provider_id":"p","status":"failed","message_id":"7"})") == "p failed - -");
    CHECK(verdict(R"({"provider_id":"p","status":"failed","message_id":7})") == "p failed - -");
    CHECK(verdict(R"({"provider_id":"p","status":"failed"})", "message_id=7") == "p failed - -");
    CHECK(verdict(R"({"status":"failed","message_id":")" + id + "\"}", "message_id=7") == " failed - " + id);
    CHECK(verdict(R"({"status":"failed"})", query + "&message_id=7&x=%zz&&=&message_id=" + id) == " failed - " + id);
    CHECK(verdict(R"({"status":"failed"})", "message_id=%20" + id + "%0A") == " failed - " + id);
}

TEST_CASE("an error code never fails a receipt", "[transport]") {
    const auto code = [](const std::string& value) {
        const auto outcome = read_receipt(R"({"provider_id":"p","status":"failed","error_code":)" + value + "}", "");
        return std::get<Receipt>(outcome).error_code;
    };
    CHECK(code('"' + std::string(65, 'x') + '"') == std::string(64, 'x'));
    CHECK(code('"' + std::string(63, 'x') + "ก\"") == std::string(63, 'x'));
    CHECK(code(R"({"code":21,"why":"no"})") == R"({"code":21,"why":"no"})");
    CHECK(code("[7]") == "[7]");
    CHECK(code("true") == "true");
    CHECK(code("1e5") == "1e5");
    CHECK(code(R"("a\u0000b\nc")") == "a b c");
    CHECK(code("\"a\xff\"") == "a?");
    CHECK(code(R"("\ud83d")") == "\ufffd");
    CHECK(code(R"("unknown number +66812345678")") == "unknown number +•••678");
    CHECK_FALSE(code("null"));
    CHECK_FALSE(code("\"\""));
    CHECK_FALSE(code("\" \""));
}

TEST_CASE("what else stands in a receipt or around it is no matter", "[transport]") {
    const std::string body = R"({"provider_id":"p","status":"failed","more":)";
    CHECK(verdict("\xEF\xBB\xBF" + body + "1}") == "p failed - -");
    CHECK(verdict("\r\n " + body + "1}\n" + std::string(1, '\0')) == "p failed - -");
    CHECK(verdict(body + std::string(100, '[') + std::string(100, ']') + "}") == "p failed - -");
    CHECK(verdict(body + R"("\ud83d"})") == "p failed - -");
    CHECK(verdict(body + "\"two\nlines \xff\"}") == "p failed - -");
    CHECK(verdict(body + "1e400}") == "p failed - -");
    CHECK(verdict(R"({"provider_id":"p","status":" Delivered"})") == "p delivered - -");
    CHECK(verdict(R"({"provider_id":"p","status":"FAILED\n"})") == "p failed - -");
}

TEST_CASE("a receipt that says nothing is told why", "[transport]") {
    CHECK(verdict("") == "malformed_json");
    CHECK(verdict("{}x") == "malformed_json");
    CHECK(verdict("[]") == "not_an_object");
    CHECK(verdict("{}") == "invalid_receipt provider_id:missing status:missing");
    CHECK(verdict(R"({"provider_id":"","status":"sent"})") == "invalid_receipt provider_id:invalid status:invalid");
    CHECK(verdict(R"({"provider_id":"a\u0000","status":7})") == "invalid_receipt provider_id:invalid status:invalid");
    CHECK(verdict(R"({"provider_id":"p","status":null})") == "invalid_receipt status:invalid");
    CHECK(verdict(R"({"provider_id":")" + std::string(256, 'x') + R"(","status":"failed"})") ==
          "invalid_receipt provider_id:invalid");
    CHECK(verdict(R"({"status":"failed"})", "message_id=7") == "invalid_receipt provider_id:missing");
}
