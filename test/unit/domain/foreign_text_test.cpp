#include "smsbcast/domain/foreign_text.hpp"
#include "smsbcast/domain/message_text.hpp"

#include <catch2/catch.hpp>

namespace smsbcast {

namespace {

std::string shown(std::string_view text) {
    return presentable(text, 200);
}

} // namespace

TEST_CASE("margins are what nobody sees", "[domain]") {
    CHECK(without_margins(" \t\r\n\u00a0\ufeffa b\u200b\u202e \x7f") == "a b");
    CHECK(without_margins("") == "");
    CHECK(without_margins("\u2060 ") == "");
    CHECK(without_margins("\xff"
                          "a\xe2\x80") == "\xff"
                                          "a\xe2\x80"); // no letters at all
    CHECK(without_invisible("\u200b a \u200b") == " a ");
}

TEST_CASE("text of others becomes one line that shows as it is", "[domain]") {
    CHECK(shown("Recipient has opted out") == "Recipient has opted out");
    CHECK(shown("  two\nlines\a ") == "two lines");
    CHECK(shown("a\xc2\x85"
                "b\xc2\x9b"
                "c\u2028d") == "a b c d");
    CHECK(shown("\u202eevil\u202c \u2066x\u2069 ze\u200bro") == "evil x zero");
    CHECK(shown("Num\xe9ro invalide") == "Num?ro invalide");
    CHECK(shown(std::string("a\0b", 3)) == "a b");
    CHECK(shown("ไม่พบผู้รับ 😀") == "ไม่พบผู้รับ 😀");
    CHECK(shown("a\u00a0b") == "a b");
}

TEST_CASE("what may be a telephone number is never shown whole", "[domain]") {
    CHECK(shown("no route to +66812345678 or 66812345678.") == "no route to +•••678 or •••678.");
    for (const auto* number :
         {"66812345678", "0812345678", "812345678", "081-234-5678", "081 234 5678", "(081) 234-5678", "081.234.5678",
          "081/2345678", "0 8 1 2 3 4 5 6 7 8", "081\u2011234\u2011567\u00a08", "0812\u200b345678", "081 - 2345678",
          "1234678", "(+66) (0)81 2345678", "08_1234_5678"}) {
        INFO(number);
        const auto text = shown("to " + std::string(number) + " failed");
        CHECK(text.find("•••") != std::string::npos);
        CHECK(text.ends_with("8 failed"));
        CHECK(text.find("1234") == std::string::npos);
        CHECK(text.find("234") == std::string::npos);
    }
    CHECK(shown("๐๘๑๒๓๔๕๖๗๘") == "•••๖๗๘");
    CHECK(shown("８１２３４５６７８").starts_with("•••"));
    CHECK(shown("20812345678x0812345678") == "•••678x•••678");
}

TEST_CASE("codes remain readable", "[domain]") {
    for (const auto* text : {"code 21211", "E-30003", "error 404, 30005", "-34", "123456", "HTTP 502: 12", "1.2.3"})
        CHECK(shown(text) == text);
}

TEST_CASE("a long text ends at a letter's border and within its bound", "[domain]") {
    CHECK(presentable(std::string(199, 'x') + "กขค", 200) == std::string(199, 'x'));
    CHECK(presentable(std::string(300, 'x'), 200) == std::string(200, 'x'));
    for (std::size_t lead = 0; lead < 260; ++lead) {
        const auto text = presentable(std::string(lead, 'x') + "66812345678 " + std::string(1000, '9'), 200);
        CHECK(text.size() <= 200);
        CHECK(count_utf8(text).has_value());
        CHECK(text.find("1234") == std::string::npos);
        CHECK(text.find("9999") == std::string::npos);
    }
    std::string bytes;
    for (int i = 0; i < 5000; ++i)
        bytes += static_cast<char>(i * 7919 % 256);
    CHECK(count_utf8(presentable(bytes, 200)).has_value());
}

} // namespace smsbcast
