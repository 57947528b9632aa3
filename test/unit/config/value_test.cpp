#include "smsbcast/config/value.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <string>
#include <variant>

using namespace smsbcast::config;
using namespace std::chrono_literals;

namespace {

constexpr std::array<std::string_view, 3> kWords{"auto", "json", "text"};

template <class T>
T value_of(const Kind& kind, std::string_view text) {
    const auto parsed = parse(kind, text);
    if (const auto* refusal = std::get_if<Refusal>(&parsed))
        FAIL(std::string{text} << " " << refusal->why);
    return std::get<T>(std::get<Value>(parsed));
}

/// Why it is refused; empty when it is not.
std::string why(const Kind& kind, std::string_view text) {
    const auto parsed = parse(kind, text);
    const auto* refusal = std::get_if<Refusal>(&parsed);
    return refusal == nullptr ? "" : refusal->why;
}

} // namespace

TEST_CASE("config value: durations", "[config]") {
    const Kind kind = kind::Duration{0ms, 720h};
    const auto parsed = [&](std::string_view text) { return value_of<std::chrono::milliseconds>(kind, text); };
    CHECK(parsed("250ms") == 250ms);
    CHECK(parsed("5s") == 5s);
    CHECK(parsed("2m") == 2min);
    CHECK(parsed("1h") == 1h);
    CHECK(parsed("0ms") == 0ms);
    CHECK(parsed("720h") == 720h);
    CHECK(parsed("007s") == 7s);

    for (const std::string_view text : {"5", "s", "5 s", " 5s", "5s ", "5S", "1.5s", "1h30m", "5sec", "+5s", "0x5s",
                                        "-s", "- 5s", "5d", "five", "5ms5"})
        CHECK(why(kind, text) == "is not a duration, must be 0ms to 720h, such as 250ms, 5s, 2m or 1h");
    for (const std::string_view text :
         {"-5s", "721h", "99999999999999999999ms", "18446744073709551615h", "5124095576030431h", "43201m"})
        CHECK(why(kind, text) == "is out of bounds, must be 0ms to 720h");
}

TEST_CASE("config value: the bounds of a duration are inclusive", "[config]") {
    const Kind kind = kind::Duration{100ms, 1min};
    CHECK(why(kind, "99ms") == "is out of bounds, must be 100ms to 1m");
    CHECK(why(kind, "100ms").empty());
    CHECK(why(kind, "60s").empty());
    CHECK(why(kind, "1m").empty());
    CHECK(why(kind, "60001ms") == "is out of bounds, must be 100ms to 1m");
}

TEST_CASE("config value: integers", "[config]") {
    const Kind kind = kind::Integer{1, 64, "connections"};
    CHECK(value_of<std::uint64_t>(kind, "1") == 1);
    CHECK(value_of<std::uint64_t>(kind, "64") == 64);
    for (const std::string_view text : {"0", "65", "-1", "18446744073709551616", "99999999999999999999999"})
        CHECK(why(kind, text) == "is out of bounds, must be 1 to 64");
    for (const std::string_view text : {"four", "4 ", " 4", "4x", "4.0", "1e1", "0x4", "+4", "1_0", "--4", "-"})
        CHECK(why(kind, text) == "is not a whole number, must be 1 to 64");
    const Kind widest = kind::Integer{0, 18446744073709551615U, ""};
    CHECK(value_of<std::uint64_t>(widest, "18446744073709551615") == 18446744073709551615U);
}

TEST_CASE("config value: sizes", "[config]") {
    const Kind kind = kind::Size{1024, 1024 * 1024 * 1024};
    CHECK(value_of<std::uint64_t>(kind, "64KiB") == 65'536);
    CHECK(value_of<std::uint64_t>(kind, "32MiB") == 33'554'432);
    CHECK(value_of<std::uint64_t>(kind, "1GiB") == 1'073'741'824);
    CHECK(value_of<std::uint64_t>(kind, "1024") == 1024);
    for (const std::string_view text : {"1023", "2GiB", "-1KiB", "17179869184GiB", "99999999999999999999"})
        CHECK(why(kind, text) == "is out of bounds, must be 1KiB to 1GiB");
    for (const std::string_view text : {"64KB", "64K", "64kib", "64 KiB", "64B", "KiB", "1.5MiB", "1MiB "})
        CHECK(why(kind, text) == "is not a size, must be 1KiB to 1GiB, such as 64KiB, 32MiB or a number of bytes");
}

TEST_CASE("config value: addresses", "[config]") {
    const Kind kind = kind::Address{};
    const auto parsed = [&](std::string_view text) { return value_of<Address>(kind, text); };
    CHECK(parsed(":8080") == Address{"", 8080});
    CHECK(parsed("localhost:1") == Address{"localhost", 1});
    CHECK(parsed("10.0.0.1:65535") == Address{"10.0.0.1", 65535});
    CHECK(parsed("[::1]:8080") == Address{"::1", 8080});
    CHECK(parsed("[fe80::1%eth0]:0") == Address{"fe80::1%eth0", 0});
    for (const std::string_view text :
         {"8080", ":", "host:", "host", ":65536", ":-1", ":80x", ": 80", "::1:80", "[::1]", "[::1]80", "[]:80",
          "[host]:80", "a b:80", "http://x:80", "x/y:80", ":8080 "})
        CHECK(why(kind, text) == "is not an address, must be :PORT, HOST:PORT or [IPV6]:PORT");
    for (const std::string_view text : {":8080", "localhost:1", "[::1]:8080"})
        CHECK(to_string(parsed(text)) == text);
}

TEST_CASE("config value: booleans", "[config]") {
    const Kind kind = kind::Boolean{};
    CHECK(value_of<bool>(kind, "true"));
    CHECK_FALSE(value_of<bool>(kind, "false"));
    for (const std::string_view text : {"True", "yes", "1", "0", "on", "true "})
        CHECK(why(kind, text) == "is neither, must be true or false");
}

TEST_CASE("config value: words", "[config]") {
    const Kind kind = kind::Words{kWords};
    CHECK(value_of<Word>(kind, "auto") == Word{0});
    CHECK(value_of<Word>(kind, "text") == Word{2});
    for (const std::string_view text : {"Text", "tex", "texts", "json "})
        CHECK(why(kind, text) == "is not one of its words, must be auto, json or text");
}

TEST_CASE("config value: ratios", "[config]") {
    const Kind kind = kind::Ratio{};
    CHECK(value_of<double>(kind, "0") == 0);
    CHECK(value_of<double>(kind, "1") == 1);
    CHECK(value_of<double>(kind, "0.25") == 0.25);
    CHECK(value_of<double>(kind, "1e-3") == 0.001);
    for (const std::string_view text : {"1.01", "-0.1", "nan", "inf", "1e999", "2"})
        CHECK(why(kind, text) == "is out of bounds, must be 0 to 1");
    for (const std::string_view text : {"half", "0.5x", " 0.5", "50%", "0,5", "+0.5"})
        CHECK(why(kind, text) == "is not a number, must be 0 to 1");
}

TEST_CASE("config value: prefixes", "[config]") {
    const Kind kind = kind::Prefix{};
    CHECK(value_of<std::string>(kind, "auto").empty());
    for (const std::string& text : {std::string("sms"), std::string("a.B_9-z"), std::string(200, 'x')})
        CHECK(value_of<std::string>(kind, text) == text);
    const std::string rule = "must be auto, or 1 to 200 of a-z, A-Z, 0-9, ., _ and -";
    for (const std::string_view text : {"a b", "a/b", "a*", "sms ", "\xc3\xa4", "\"sms\""})
        CHECK(why(kind, text) == "holds another character, " + rule);
    CHECK(why(kind, std::string(201, 'x')) == "is too long, " + rule);
    CHECK(why(kind, "amq.sms") ==
          "begins with amq., which RabbitMQ keeps for itself, " + rule + ", such as smsbcast.a");
}

TEST_CASE("config value: no kind takes nothing or control characters", "[config]") {
    const std::array<Kind, 9> kinds{kind::Address{},         kind::Url{kind::Url::For::provider},
                                    kind::Duration{0ms, 1h}, kind::Integer{0, 9, ""},
                                    kind::Size{0, 9},        kind::Boolean{},
                                    kind::Words{kWords},     kind::Ratio{},
                                    kind::Prefix{}};
    for (const Kind& kind : kinds) {
        CHECK(why(kind, "") == "is empty, must be " + accepted_text(kind));
        for (const std::string_view text : {"1\n", "\t1", "http://a\x7f", "1\r"})
            CHECK(why(kind, text) == "holds a control character, must be " + accepted_text(kind));
        CHECK(why(kind, std::string_view{"1\0", 2}).starts_with("holds a control character"));
    }
}

TEST_CASE("config value: durations are written in the largest unit that fits", "[config]") {
    CHECK(to_string(0ms) == "0ms");
    CHECK(to_string(1500ms) == "1500ms");
    CHECK(to_string(90s) == "90s");
    CHECK(to_string(15min) == "15m");
    CHECK(to_string(72h) == "72h");
}
