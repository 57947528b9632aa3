#include "adapters/http_provider/retry_after.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace std::chrono_literals;
using smsbcast::adapters::http_provider::parse_retry_after;

namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr auto kThen = std::chrono::system_clock::time_point(784111777s);

} // namespace

TEST_CASE("Retry-After in seconds", "[http][provider]") {
    CHECK(parse_retry_after("0", kThen) == 0ms);
    CHECK(parse_retry_after("120", kThen) == 120s);
    CHECK(parse_retry_after("86401", kThen) == 24h);
    CHECK(parse_retry_after("99999999999999999999", kThen) == 24h);
    CHECK(parse_retry_after(" 120\t", kThen) == 120s);
    CHECK(parse_retry_after("007", kThen) == 7s);
    CHECK(parse_retry_after("1.5", kThen) == 1500ms);
    CHECK(parse_retry_after("1.", kThen) == 1s);
    CHECK(parse_retry_after("0.25", kThen) == 250ms);
    CHECK(parse_retry_after("0.0001", kThen) == 1ms);
    CHECK(parse_retry_after("2.0000000000000000000000000", kThen) == 2s);
    CHECK(parse_retry_after("86400.5", kThen) == 24h);
    CHECK(parse_retry_after(std::string(5000, '9') + "." + std::string(5000, '9'), kThen) == 24h);
}

TEST_CASE("Retry-After as a date, in its three forms", "[http][provider]") {
    const auto* text =
        GENERATE("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                 " Sun, 06 Nov 1994 08:49:37 GMT ", "sun, 06 NOV 1994 08:49:37 gmt", "Sun, 06 Nov 1994 08:49:37 UTC",
                 "Sun, 06 Nov 1994 08:49:37 +0000", "Sunday, 06-Nov-94 08:49:37 UTC", "1994-11-06T08:49:37Z");
    CAPTURE(text);
    CHECK(parse_retry_after(text, kThen - 90s) == 90s);
    CHECK(parse_retry_after(text, kThen - 1500ms) == 1500ms);
    CHECK(parse_retry_after(text, kThen) == 0ms);
    CHECK(parse_retry_after(text, kThen + 1h) == 0ms);
    CHECK(parse_retry_after(text, kThen - 48h) == 24h);
    CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kThen) == 24h);
    CHECK(parse_retry_after("Mon, 01 Jan 0001 00:00:00 GMT", kThen) == 0ms);
}

TEST_CASE("A year of two digits is not more than 50 years ahead", "[http][provider]") {
    constexpr auto kIn2026 = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 0s;
    CHECK(parse_retry_after("Monday, 23-Nov-26 00:00:30 GMT", kIn2026) == 30s);
    CHECK(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", kIn2026) == 0ms);
}

TEST_CASE("Anything else is no Retry-After", "[http][provider]") {
    const auto text = GENERATE(values<std::string>({"",
                                                    " ",
                                                    "-1",
                                                    "-1.5",
                                                    "+1",
                                                    ".",
                                                    ".5",
                                                    "1.5.2",
                                                    "1,5",
                                                    "1e3",
                                                    "0x10",
                                                    "NaN",
                                                    "inf",
                                                    "1 2",
                                                    "\xff",
                                                    "soon",
                                                    "Sun, 06 Nov 1994",
                                                    "Sun, 06 Nov 1994 08:49:37",
                                                    "Sun, 06 Nov 1994 08:49:37 GMT+1",
                                                    "Sun, 06 Nov 1994 08:49:37 CET",
                                                    "Sun, 31 Feb 1994 08:49:37 GMT",
                                                    "Sun, 06 Nov 1994 24:00:00 GMT",
                                                    "1994-11-06T08:49:37",
                                                    "Sun, -6 Nov 1994 08:49:37 GMT",
                                                    "Sun Nov 6 08:49:37 1994"}));
    CAPTURE(text);
    CHECK_FALSE(parse_retry_after(text, kThen).has_value());
}
