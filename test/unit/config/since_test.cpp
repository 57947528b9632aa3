#include "smsbcast/config/since.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;

TEST_CASE("since: a time by RFC 3339, or how long ago", "[config]") {
    const auto now = parse_rfc3339("2026-11-27T12:00:00Z").value();
    const auto read = [&](std::string_view text) { return std::get<Timestamp>(config::read_since(text, now)); };
    CHECK(read("2h") == now - 2h);
    CHECK(read("90m") == now - 90min);
    CHECK(read("2026-11-27T12:00:00Z") == now);
    CHECK(read("2026-11-27T12:00:00+07:00") == now - 7h);
    CHECK(read("2026-11-27T08:00:00.25Z") == now - 4h + 250ms);
    const auto wrong = [&](std::string_view text) { return std::get<std::string>(config::read_since(text, now)); };
    for (const auto* text : {"", "yesterday", "2026-11-27", "2", "-2h", "0s", "2 h", "10000h"}) {
        INFO(text);
        CHECK(wrong(text).find("is no time") == 0);
    }
    CHECK(wrong("2026-11-27T12:00:01Z").find("is in the future") == 0);
}
