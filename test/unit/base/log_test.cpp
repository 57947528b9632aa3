#include "smsbcast/base/log.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;

namespace {

const Timestamp kTime{std::chrono::microseconds(1'763'899'445'123'000)};

std::string line(log::Format format, std::initializer_list<log::Field> fields) {
    return log::format_line(format, kTime, log::Level::warn, "worker", "ticket_taken", fields);
}

} // namespace

TEST_CASE("a line is one JSON object", "[base][log]") {
    CHECK(line(log::Format::json, {{"count", 3}, {"ok", true}, {"share", 0.5}, {"who", "a b"}}) ==
          R"({"time":"2025-11-23T12:04:05.123Z","level":"warn","role":"worker","event":"ticket_taken",)"
          R"("count":3,"ok":true,"share":0.500,"who":"a b"})");
}

TEST_CASE("a value cannot break out of its line", "[base][log]") {
    const auto text = line(log::Format::json, {{"reason", "x\"},\n{\"level\":\\ \x01\x7f"}});
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.ends_with(R"("reason":"x\"},\n{\"level\":\\ \u0001\u007f"})"));
}

TEST_CASE("text is for people: bare words stay bare, others are quoted", "[base][log]") {
    const auto text = line(log::Format::text, {{"state", "open"}, {"reason", "two words"}, {"empty", ""}});
    CHECK(text.ends_with(R"( ticket_taken state=open reason="two words" empty="")"));
}

TEST_CASE("ids and durations have their own forms", "[base][log]") {
    const BroadcastId id{*parse_uuid("0189d7c6-5b3a-7def-8123-456789abcdef")};
    CHECK(line(log::Format::json, {{"broadcast_id", id}, {"took_ms", std::chrono::seconds(2)}})
              .ends_with(R"("broadcast_id":"0189d7c6-5b3a-7def-8123-456789abcdef","took_ms":2000})"));
}
