#include "smsbcast/domain/message_text.hpp"

#include <catch2/catch.hpp>

namespace smsbcast {

using namespace std::string_literals;

TEST_CASE("clean text is what every store takes", "[domain]") {
    CHECK(clean_text("") == "");
    CHECK(clean_text("plain") == "plain");
    CHECK(clean_text("L'été 5 € 😀") == "L'été 5 € 😀");
    CHECK(clean_text("a\0b"s) == "a?b");
    CHECK(clean_text("\xff\xfe") == "??");
    CHECK(clean_text("\xc3(") == "?(");
    CHECK(clean_text("\xe2\x82") == "??");           // cut short
    CHECK(clean_text("\xed\xa0\x80") == "???");      // a surrogate
    CHECK(clean_text("\xc0\xaf") == "??");           // overlong
    CHECK(clean_text("\xf4\x90\x80\x80") == "????"); // beyond U+10FFFF
    CHECK(clean_text("ok \xf0\x9f\x98\x80\xf0\x9f") == "ok 😀??");
}

TEST_CASE("clean text ends at a character's border", "[domain]") {
    CHECK(clean_text("abcdef", 3) == "abc");
    CHECK(clean_text("abcdef", 0) == "");
    CHECK(clean_text("a€b", 3) == "a");
    CHECK(clean_text("a€b", 4) == "a€");
    CHECK(clean_text("\xff\xff\xff", 2) == "??");
    std::string euros;
    for (int i = 0; i < 1000; ++i)
        euros += "€";
    const auto cut = clean_text(euros);
    CHECK(cut.size() == 498);
    CHECK(count_utf8(cut) == 166);
}

TEST_CASE("clean text is valid for any bytes", "[domain]") {
    std::uint64_t state = 1;
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (int i = 0; i < 40; ++i) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            bytes.push_back(static_cast<char>(state >> 56));
        }
        const auto clean = clean_text(bytes, 30);
        REQUIRE(count_utf8(clean));
        REQUIRE(clean.find('\0') == std::string::npos);
        REQUIRE(clean.size() <= 30);
    }
}

} // namespace smsbcast
