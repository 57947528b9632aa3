#include "transport/hold_body.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::transport;

namespace {

const Timestamp kNow = parse_rfc3339("2026-11-27T12:00:00Z").value();

std::string mistake(const std::variant<ReleaseBody, http::Problem>& read) {
    const auto* problem = std::get_if<http::Problem>(&read);
    if (!problem)
        return "";
    return problem->errors.empty() ? problem->code : problem->errors.front().field + ":" + problem->errors.front().code;
}

} // namespace

TEST_CASE("hold: the reason is optional, and a text", "[hold]") {
    for (const auto* body : {"", " \r\n", "{}"})
        CHECK(std::get<HoldBody>(read_hold(body)).because == "by hand");
    CHECK(std::get<HoldBody>(read_hold(R"({"because":"a restore"})")).because == "a restore");
    for (const auto* body : {R"({"because":""})", R"({"because":7})", R"({"because":null})", R"({"why":"x"})"}) {
        const auto read = read_hold(body);
        INFO(body);
        REQUIRE(std::holds_alternative<http::Problem>(read));
        CHECK(std::get<http::Problem>(read).status == 422);
    }
    for (const auto* body : {"[]", "{", "7"})
        CHECK(std::get<http::Problem>(read_hold(body)).status == 400);
}

TEST_CASE("hold: a release names when the backup was taken, by RFC 3339", "[hold]") {
    CHECK_FALSE(std::get<ReleaseBody>(read_release("", kNow)).assume_sent_since);
    CHECK(std::get<ReleaseBody>(read_release(R"({"assume_sent_since":"2026-11-27T12:00:00Z"})", kNow))
              .assume_sent_since == kNow);
    CHECK(mistake(read_release(R"({"assume_sent_since":"2026-11-27T12:00:00.001Z"})", kNow)) ==
          "assume_sent_since:in_the_future");
    CHECK(mistake(read_release(R"({"assume_sent_since":"2h"})", kNow)) == "assume_sent_since:invalid");
    CHECK(mistake(read_release(R"({"assume_sent_since":null})", kNow)) == "assume_sent_since:invalid");
    CHECK(mistake(read_release(R"({"assume_sent":"2h"})", kNow)) == "assume_sent:unknown_field");
    CHECK(mistake(read_release("{", kNow)) == "malformed_json");
}
