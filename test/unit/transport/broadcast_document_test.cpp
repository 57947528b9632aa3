#include "transport/broadcast_document.hpp"
#include "transport/create_problem.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace smsbcast;
using namespace smsbcast::transport;

namespace {

constexpr app::BroadcastLimits kLimits{.max_recipients = 300, .max_message_chars = 20, .ticket_size = 100};

using Pieces = std::vector<std::string_view>;

std::variant<BroadcastReading, http::Problem> read(const Pieces& pieces) {
    BroadcastDocument document(kLimits);
    for (const auto piece : pieces)
        if (!document.write(piece))
            break;
    return document.finish();
}

// Everything that was read, as a text, so that two readings can be compared.
std::string summary(const std::variant<BroadcastReading, http::Problem>& outcome) {
    if (const auto* problem = std::get_if<http::Problem>(&outcome))
        return problem->code;
    const auto& reading = std::get<BroadcastReading>(outcome);
    std::string text = reading.input.message.value_or("-") + "|" + reading.input.name.value_or("-");
    for (const auto& number : reading.input.recipients.numbers())
        text += "|" + number.text();
    for (const auto& bad : reading.input.recipients.bad())
        text += "|" + std::to_string(bad.index) + std::string(code(bad.error));
    for (const auto& mistake : reading.mistakes)
        text += "|" + mistake.field + ":" + mistake.code + std::to_string(mistake.index.value_or(-1));
    return text;
}

std::vector<std::string> errors_of(std::string_view document) {
    const auto outcome = read({document});
    if (const auto* problem = std::get_if<http::Problem>(&outcome))
        return {problem->code};
    const auto& reading = std::get<BroadcastReading>(outcome);
    std::vector<std::string> errors;
    for (const auto& error :
         create_problem(reading, app::CreateBroadcast::check(reading.input, kLimits), kLimits).errors)
        errors.push_back(error.field + (error.index ? "[" + std::to_string(*error.index) + "]" : "") + ":" +
                         error.code);
    return errors;
}

using Codes = std::vector<std::string>;

} // namespace

TEST_CASE("a document reads the same wherever its pieces are cut", "[transport]") {
    const std::string document = GENERATE(
        std::string(R"({"message":"a\"\\\/\b\f\n\r\té\u0e01\ud83d\ude00ก😀z","recipients":["+66812345678",)"
                    R"("+6681234\u0035679","bad\n"],"name":"n\u0041"})"),
        std::string(R"( { "x\u0061y" : [1,-2.5e3,{"a":[true,false,null]}] , "body" : "hi" , "recipients" : [ 12, null,)"
                    R"( {"a":"b"}, ["c"], "+66812345678" ] , "name" : null } )"),
        std::string("{\"message\":\"ok \\u0000 \xff\xc3\",\"recipients\":[]}"),
        std::string("{\"message\":\"broken \\ud83d x\",\"recipients\":[]}"),
        std::string("\xEF\xBB\xBF{\"message\":\"hi\",\"recipients\":[\"+66812345678\"]}"), std::string("\xEF\xBB{}"),
        std::string(R"({"message":"hi","recipients":["+66812345678"]} x)"), std::string(R"({"message":"hi")"),
        std::string(R"(["message"])"), std::string(R"("text")"), std::string("{\"message\":\"tab\tin it\"}"));
    const std::string whole = summary(read({document}));
    INFO(document);
    for (std::size_t cut = 0; cut <= document.size(); ++cut) {
        INFO("cut at " << cut);
        const std::string_view text(document);
        CHECK(summary(read({text.substr(0, cut), text.substr(cut)})) == whole);
    }
    Pieces bytes;
    for (const char& byte : document)
        bytes.emplace_back(&byte, 1);
    CHECK(summary(read(bytes)) == whole);
}

TEST_CASE("a text of many escapes reads the same in pieces of any size", "[transport]") {
    // Longer than the parser's buffer for unescaped text.
    std::string name, expected;
    for (int i = 0; i < 90; ++i) {
        name += i % 3 == 0 ? "\\u0e01" : i % 3 == 1 ? "\\n" : "ก";
        expected += i % 3 == 1 ? "\n" : "ก";
    }
    const std::string filler =
        R"("skipped":")" + std::string(4090, 'x') + R"(\u0e01\ud83d\ude00\\)" + std::string(4090, 'y') + R"(\"",)";
    const std::string document = "{" + filler + R"("message":"hi","recipients":[],"name":")" + name + R"("})";
    for (std::size_t size = 1; size < 64; ++size) {
        INFO(size);
        Pieces pieces;
        for (std::size_t at = 0; at < document.size(); at += size)
            pieces.push_back(std::string_view(document).substr(at, size));
        const auto outcome = read(pieces);
        REQUIRE(std::holds_alternative<BroadcastReading>(outcome));
        CHECK(std::get<BroadcastReading>(outcome).input.name == expected);
    }
}

TEST_CASE("what is no JSON object is a 400", "[transport]") {
    CHECK(errors_of("") == Codes{"empty_body"});
    CHECK(errors_of("   ") == Codes{"malformed_json"});
    CHECK(errors_of("nonsense") == Codes{"malformed_json"});
    CHECK(errors_of("{") == Codes{"malformed_json"});
    CHECK(errors_of(R"({"message":"hi"}{})") == Codes{"malformed_json"});
    CHECK(errors_of(R"({"message":"hi",})") == Codes{"malformed_json"});
    CHECK(errors_of(R"({/**/"message":"hi"})") == Codes{"malformed_json"});
    CHECK(errors_of(R"({"message":NaN})") == Codes{"malformed_json"});
    CHECK(errors_of("\xEF\xBB{}") == Codes{"malformed_json"});
    CHECK(errors_of("\xEF\xBB\xBF\xEF\xBB\xBF{}") == Codes{"malformed_json"});
    CHECK(errors_of("{\xEF\xBB\xBF}") == Codes{"malformed_json"});
    CHECK(errors_of("\xEF\xBB\xBF") == Codes{"empty_body"});
    CHECK(errors_of(R"({"x":)" + std::string(100, '[')) == Codes{"malformed_json"});
    for (const auto* other : {"[]", "12", "-1.5", "true", "null", R"("text")"})
        CHECK(errors_of(other) == Codes{"not_an_object"});
}

TEST_CASE("a byte-order mark before a document does no harm", "[transport]") {
    CHECK(errors_of("\xEF\xBB\xBF{\"message\":\"hi\",\"recipients\":[\"+66812345678\"]}").empty());
    CHECK(errors_of("\xEF\xBB\xBF[]") == Codes{"not_an_object"});
}

TEST_CASE("half a letter is told with its place", "[transport]") {
    const auto place = [](std::string_view document) {
        const auto outcome = read({document});
        const auto* problem = std::get_if<http::Problem>(&outcome);
        if (!problem || problem->status != 422 || problem->errors.size() > 1)
            return std::string("?");
        if (problem->errors.empty())
            return problem->detail.find("lone surrogate") != std::string::npos ? std::string("detail")
                                                                               : problem->detail;
        const auto& error = problem->errors.front();
        CHECK(error.code == "lone_surrogate");
        return error.field + (error.index ? std::to_string(*error.index) : "");
    };
    CHECK(place(R"({"message":"\ud83d"})") == "message");
    CHECK(place(R"({"body":"ab\ude00"})") == "body");
    CHECK(place(R"({"message":"a","name":"\ud83d\u0041"})") == "name");
    CHECK(place(R"({"name":"x","recipients":["+66812345678","\ud83d"]})") == "recipients1");
    CHECK(place(R"({"recipients":["+66812345678"],"name":"\ud83dx"})") == "name");
    CHECK(place(R"({"message":"a","\ud83d":1})") == "detail");
    CHECK(place(R"({"recipients":[],"\ud83d":1})") == "detail");
    CHECK(place(R"({"name":7,"\ud83d":1})") == "detail");
    CHECK(place(R"({"other":"\ud83d"})") == "detail");
}

TEST_CASE("every mistake of a document is told at once", "[transport]") {
    CHECK(errors_of("{}") == Codes{"message:missing", "recipients:missing"});
    CHECK(errors_of(R"({"message":12,"recipients":"+66812345678"})") ==
          Codes{"message:wrong_type", "recipients:wrong_type"});
    CHECK(errors_of(R"({"message":" ","recipients":[],"extra":1})") ==
          Codes{"extra:unknown_field", "message:empty", "recipients:empty"});
    CHECK(errors_of(R"({"message":"a","body":"b","name":1,"name":"x","recipients":["+1","+66812345678",7,"+66 8"]})") ==
          Codes{"body:conflict", "name:wrong_type", "name:duplicate", "recipients[0]:too_short",
                "recipients[2]:not_a_string", "recipients[3]:not_a_digit"});
    CHECK(errors_of(R"({"body":"","recipients":["+66812345678"]})") == Codes{"body:empty"});
    CHECK(errors_of(R"({"message":null,"recipients":null})") == Codes{"message:wrong_type", "recipients:wrong_type"});
    CHECK(errors_of(R"({"message":"a","recipients":[[]]})") == Codes{"recipients[0]:not_a_string"});
    CHECK(errors_of(R"({"message":"a","recipients":["+66812345678"],"recipients":[]})") ==
          Codes{"recipients:duplicate"});
    CHECK(errors_of(R"({"message":"x\u0000","recipients":["+66812345678"]})") == Codes{"message:has_nul"});
    CHECK(errors_of("{\"message\":\"\xc3\x28\",\"name\":\"\xed\xa0\x80\",\"recipients\":[\"+66812345678\"]}") ==
          Codes{"message:not_utf8", "name:not_utf8"});
    CHECK(errors_of(R"({"message":"a","recipients":["+66812345678"],"name":""})") == Codes{"name:empty"});
}

TEST_CASE("a deadline is a time with its offset", "[transport]") {
    const auto with = [](const std::string& value) {
        return R"({"message":"a","recipients":["+66812345678"],"expires_at":)" + value + "}";
    };
    const auto given = [&](const std::string& value) {
        const auto outcome = read({with(value)});
        return std::get<BroadcastReading>(outcome).input.expires_at;
    };
    const auto time = parse_rfc3339("2026-12-24T11:00:00.5Z");
    CHECK(given(R"("2026-12-24T11:00:00.5Z")") == time);
    CHECK(given(R"("2026-12-24T18:00:00.500000000+07:00")") == time);
    CHECK_FALSE(given("null"));
    CHECK(errors_of(with("null")).empty());
    for (const auto* wrong : {R"("")", R"("tomorrow")", R"("2026-12-24T11:00:00")", R"("2026-12-24")",
                              R"("1700000000")", R"("2026-02-30T11:00:00Z")"})
        CHECK(errors_of(with(wrong)) == Codes{"expires_at:not_a_time"});
    for (const auto* wrong : {"1700000000", "true", "[]", "{}"})
        CHECK(errors_of(with(wrong)) == Codes{"expires_at:wrong_type"});
    // Cut where it would be a time.
    const std::string long_one = "2026-12-24T11:00:00." + std::string(43, '5') + "Z";
    REQUIRE(long_one.size() == 64);
    CHECK(given('"' + long_one + '"').has_value());
    CHECK(errors_of(with('"' + long_one + "Z\"")) == Codes{"expires_at:not_a_time"});
    CHECK(errors_of(with(R"("2000-01-01T00:00:00Z","name":7)")) ==
          Codes{"name:wrong_type", "expires_at:in_the_past"}); // with a mistake of form beside it
    CHECK(errors_of(with(R"("9999-01-01T00:00:00Z","expires_at":null)")) ==
          Codes{"expires_at:duplicate", "expires_at:too_far"});
}

TEST_CASE("a text is kept as far as it can be right and no further", "[transport]") {
    const auto document = [](std::size_t size) {
        return R"({"recipients":["+66812345678"],"message":")" + std::string(size, 'm') + R"("})";
    };
    CHECK(errors_of(document(20)).empty());
    CHECK(errors_of(document(21)) == Codes{"message:too_long"});
    CHECK(errors_of(document(10'000'000)) == Codes{"message:too_long"});
    CHECK(errors_of(R"({"message":"a","recipients":[")" + std::string(1'000'000, '7') + "\"]}") ==
          Codes{"recipients[0]:missing_plus"});
    std::string thai = R"({"recipients":["+66812345678"],"message":")";
    for (int i = 0; i < 20; ++i)
        thai += "😀";
    CHECK(errors_of(thai + "\"}").empty());
    CHECK(errors_of(thai + "😀\"}") == Codes{"message:too_long"});
}

TEST_CASE("of wrong recipients a hundred are listed and all are counted", "[transport]") {
    std::string document = R"({"message":"a","recipients":[)";
    for (int i = 0; i < 250; ++i)
        document += std::string(i > 0 ? "," : "") + (i % 2 == 0 ? "\"12\"" : "34");
    const auto outcome = read({document + "]}"});
    const auto& reading = std::get<BroadcastReading>(outcome);
    const auto problem = create_problem(reading, app::CreateBroadcast::check(reading.input, kLimits), kLimits);
    REQUIRE(problem.errors.size() == 100);
    for (int i = 0; i < 100; ++i)
        CHECK(problem.errors[static_cast<std::size_t>(i)].index == i);
    CHECK(problem.detail.find("Wrong recipients: 250. The first 100 are listed.") != std::string::npos);
}

TEST_CASE("more recipients than allowed are refused, and a number given twice is taken once", "[transport]") {
    std::string document = R"({"message":"a","recipients":[)";
    for (int i = 0; i < 301; ++i)
        document += (i > 0 ? ",\"+668100" : "\"+668100") + std::to_string(10000 + i) + "\"";
    CHECK(errors_of(document + "]}") == Codes{"recipients:too_many"});

    const auto outcome = read({R"({"message":"a","recipients":["+66812345678","+66812345678"]})"});
    const auto& recipients = std::get<BroadcastReading>(outcome).input.recipients;
    CHECK(recipients.numbers().size() == 1);
    CHECK(recipients.duplicates() == 1);
}

TEST_CASE("a number is no recipient, also one beyond what a parser can hold", "[transport]") {
    const auto with = [](std::string_view number) {
        return errors_of(R"({"message":"a","recipients":[)" + std::string(number) + "]}");
    };
    for (const auto* number : {"1", "-0.5", "123456789012345678901234567890", "0.1E+5"})
        CHECK(with(number) == Codes{"recipients[0]:not_a_string"});
    // Boost.JSON 1.81 refuses such an exponent, and 1.83 takes the number as one.
    for (const auto* number : {"1e999999999999999999999", "-1e-99999999999"}) {
        const auto codes = with(number);
        CHECK((codes == Codes{"malformed_json"} || codes == Codes{"recipients[0]:not_a_string"}));
    }
}

TEST_CASE("unknown fields are named, but not without end", "[transport]") {
    std::string document = "{";
    for (int i = 0; i < 1000; ++i)
        document += "\"k" + std::to_string(i) + "\":1,";
    document += R"("message":"a","recipients":["+66812345678"]})";
    CHECK(errors_of(document).size() == 20);
}
