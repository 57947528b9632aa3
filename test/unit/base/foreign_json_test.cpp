#include "smsbcast/base/foreign_json.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::string_literals;

TEST_CASE("what stands around a document is taken off", "[base]") {
    CHECK(json_core("{}") == "{}");
    CHECK(json_core("\xEF\xBB\xBF{}") == "{}");
    CHECK(json_core(" \r\n\xEF\xBB\xBF\xEF\xBB\xBF\n {} \v\0\0"s) == "{}");
    CHECK(json_core("") == "");
    CHECK(json_core(" \0"s) == "");
}

TEST_CASE("a member is given as it is written", "[base]") {
    CHECK(raw_member(R"({"a":1e21})", "a") == "1e21");
    CHECK(raw_member(R"({"b":[1,{"a":2}],"a" : -0.10 ,"c":3})", "a") == "-0.10");
    CHECK(raw_member(R"({"x":"a","a":123456789012345678901234567890})", "a") == "123456789012345678901234567890");
    CHECK(raw_member(R"({"x":"\"a\":7","a":8})", "a") == "8");
    CHECK(raw_member(R"({"a":1,"a":2})", "a") == "2");
    CHECK(raw_member(R"({"a":"te\"xt"})", "a") == R"("te\"xt")");
    CHECK(raw_member(R"({"b":1})", "a") == "");
    CHECK(raw_member(R"([{"a":1}])", "a") == "");
    CHECK(raw_member("", "a") == "");
    CHECK(raw_member("{\"a", "a") == "");
    CHECK(raw_member("{\"a\\", "a") == "");
}

TEST_CASE("halves of letters are found, pairs are none", "[base]") {
    constexpr auto kNone = std::string_view::npos;
    CHECK(find_lone_surrogate(R"(\ud83d\ude00)") == kNone);
    CHECK(find_lone_surrogate(R"(ab\ud83d")") == 2);
    CHECK(find_lone_surrogate(R"(\ud83d\ude00\uDE00)") == 12);
    CHECK(find_lone_surrogate(R"(\ud83d\ud83d\ude00)") == 0);
    CHECK(find_lone_surrogate(R"(\ude00 \uD83Dx)", 1) == 7);
    CHECK(find_lone_surrogate(R"(\u0e01 ud83d \ud83)") == kNone);
}

TEST_CASE("what parsers refuse within strings is replaced", "[base]") {
    const auto mended = [](std::string_view text) {
        const auto document = mended_json(text);
        return std::string(boost::json::parse(document).as_string());
    };
    CHECK(mended("\"two\nlines\t\"") == "two lines ");
    CHECK(mended(R"("\ud83d")") == "\ufffd");
    CHECK(mended(R"("\ude00 \ud83d\u0041")") == "\ufffd \ufffdA");
    CHECK(mended(R"("\ud83d\ud83d\ude00")") == "\ufffd😀");
    CHECK(mended(R"("\uD83D\uDE00 \"\\\/\b\f\n\r\t\u0e01")") == "😀 \"\\/\b\f\n\r\tก");
    CHECK(mended(R"("it\'s \x41 \u12")") == "it\ufffd's \ufffdx41 \ufffdu12");
    CHECK(mended_json("{ \"a\" :\n1 }") == "{ \"a\" :\n1 }");
    CHECK(mended_json("\"\\") == "\"\\ufffd");
}
