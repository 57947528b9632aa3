#include "smsbcast/domain/message_text.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace smsbcast;
using namespace std::string_literals;

TEST_CASE("characters are counted, not bytes", "[domain][text]") {
    CHECK(count_utf8("") == 0u);
    CHECK(count_utf8("abc") == 3u);
    CHECK(count_utf8("สวัสดี") == 6u);
    CHECK(count_utf8("😀é") == 2u);
    CHECK(count_utf8("\xF4\x8F\xBF\xBF") == 1u); // U+10FFFF
}

TEST_CASE("what RFC 3629 forbids is no text", "[domain][text]") {
    for (const auto& bad : {"\x80"s, "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x9F\xBF"s, "\xED\xA0\x80"s, "\xF0\x8F\xBF\xBF"s,
                            "\xF4\x90\x80\x80"s, "\xF5\x80\x80\x80"s, "\xFF"s, "ab\xE2\x82"s, "\xE2\x28\xA1"s})
        CHECK_FALSE(count_utf8(bad));
}

TEST_CASE("each way to be no message has its own reason", "[domain][text]") {
    CHECK(check_message_text("", 10) == TextError::empty);
    CHECK(check_message_text(" \n\t ", 10) == TextError::empty);
    CHECK(check_message_text("a\xFF", 10) == TextError::not_utf8);
    CHECK(check_message_text("a\0b"s, 10) == TextError::has_nul);
    CHECK(check_message_text("สวัสดีสวัสดี", 11) == TextError::too_long);
    CHECK_FALSE(check_message_text("สวัสดีสวัสดี", 12));
    CHECK_FALSE(check_message_text("Hello", 1600));
}
