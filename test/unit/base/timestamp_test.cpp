#include "smsbcast/base/timestamp.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;

TEST_CASE("times are written in UTC with milliseconds", "[base][timestamp]") {
    CHECK(to_rfc3339(Timestamp(0us)) == "1970-01-01T00:00:00.000Z");
    CHECK(to_rfc3339(Timestamp(1'763'899'445'123'999us)) == "2025-11-23T12:04:05.123Z");
    CHECK(to_rfc3339(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + 23h + 59min + 59s + 999ms) ==
          "2024-02-29T23:59:59.999Z");
}

TEST_CASE("what is written reads back", "[base][timestamp]") {
    const Timestamp time(1'763'899'445'123'000us);
    CHECK(parse_rfc3339(to_rfc3339(time)) == time);
    CHECK(parse_rfc3339("2025-11-23T12:04:05Z") == Timestamp(1'763'899'445'000'000us));
    CHECK(parse_rfc3339("2025-11-23T12:04:05.5Z") == Timestamp(1'763'899'445'500'000us));
    CHECK(parse_rfc3339("2025-11-23T12:04:05.123456Z") == Timestamp(1'763'899'445'123'456us));
}

TEST_CASE("times of other zones are the same moment", "[base][timestamp]") {
    const Timestamp time(1'763'899'445'500'000us);
    for (const auto* text :
         {"2025-11-23T12:04:05.5Z", "2025-11-23t12:04:05.5z", "2025-11-23T12:04:05.5+00:00",
          "2025-11-23T12:04:05.5-00:00", "2025-11-23T19:04:05.5+07:00", "2025-11-23T06:34:05.5-05:30",
          "2025-11-24T11:04:05.5+23:00", "2025-11-22T13:04:05.500-23:00", "2025-11-23T12:04:05.5000000Z",
          "2025-11-23T19:04:05.500000999999+07:00"}) {
        INFO(text);
        CHECK(parse_rfc3339(text) == time);
    }
}

TEST_CASE("what is no time is refused", "[base][timestamp]") {
    for (const auto* text : {"",
                             "2025-11-23",
                             "2025-11-23T12:04:05",
                             "2025-11-23 12:04:05Z",
                             "2025-13-23T12:04:05Z",
                             "2025-02-30T12:04:05Z",
                             "2025-11-23T24:04:05Z",
                             "2025-11-23T12:60:05Z",
                             "2025-11-23T12:04:05.Z",
                             "2025-11-23T12:04:05.+07:00",
                             "2025-11-23T12:04:05.12x4567Z",
                             "2025-11-23T12:04:05.123456-Z",
                             "-025-11-23T12:04:05Z",
                             "2025-11-23T12:04:60Z",
                             "2025-11-23T12:04:05+0700",
                             "2025-11-23T12:04:05+07",
                             "2025-11-23T12:04:05 07:00",
                             "2025-11-23T12:04:05+24:00",
                             "2025-11-23T12:04:05+07:60",
                             "2025-11-23T12:04:05+-7:00",
                             "2025-11-23T12:04+07:00",
                             "2025-11-23T12:04:05+07:00Z",
                             "2025-11-23T12:04:0507:00",
                             "2025-11-23T12:04:05Z ",
                             "2025-11-23T12:04:+07:00"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}
