#include "smsbcast/base/trace_context.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace smsbcast;

namespace {

const std::string kIds = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
const std::string kValid = "00-" + kIds + "-01";

std::string with(std::size_t at, char c) {
    auto text = kValid;
    text[at] = c;
    return text;
}

} // namespace

TEST_CASE("a traceparent is read", "[base][trace]") {
    const auto trace = parse_traceparent(kValid);
    REQUIRE(trace);
    CHECK(trace->trace_id.front() == 0x0a);
    CHECK(trace->trace_id.back() == 0x9c);
    CHECK(trace->parent_id.front() == 0xb7);
    CHECK(trace->parent_id.back() == 0x31);
    CHECK(trace->sampled);
}

TEST_CASE("of a trace's flags only the first is known", "[base][trace]") {
    CHECK_FALSE(parse_traceparent("00-" + kIds + "-00")->sampled);
    CHECK_FALSE(parse_traceparent("00-" + kIds + "-fe")->sampled);
    CHECK(parse_traceparent("00-" + kIds + "-ff")->sampled);
    CHECK(parse_traceparent("00-" + kIds + "-09")->sampled);
}

TEST_CASE("of a later version the known part is read", "[base][trace]") {
    for (const auto* version : {"01-", "cc-", "fe-"}) {
        CHECK(parse_traceparent(version + kIds + "-01") == parse_traceparent(kValid));
        CHECK(parse_traceparent(version + kIds + "-01-what-the-future-brings") == parse_traceparent(kValid));
        CHECK(parse_traceparent(version + kIds + "-01-") == parse_traceparent(kValid));
        CHECK_FALSE(parse_traceparent(version + kIds + "-01.what-the-future-brings"));
        CHECK_FALSE(parse_traceparent(version + kIds + "-012"));
    }
}

TEST_CASE("a traceparent that is not valid is none", "[base][trace]") {
    const std::string no_trace(32, '0'), no_parent(16, '0');
    for (const auto& text :
         {std::string(), std::string("00"), kIds, "ff-" + kIds + "-01", "00-" + kIds, "00-" + kIds + "-1",
          "00-" + kIds + "-001", "00-" + kIds + "-01-", "00-" + kIds + "-01-more", " " + kValid, kValid + " ",
          "0-" + kIds + "-01", "000-" + kIds + "-01", "00-" + no_trace + "-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319c-" + no_parent + "-01"}) {
        INFO(text);
        CHECK_FALSE(parse_traceparent(text));
    }
}

TEST_CASE("every character of a traceparent counts", "[base][trace]") {
    for (std::size_t at = 0; at < kValid.size(); ++at) {
        const bool is_dash = at == 2 || at == 35 || at == 52;
        for (const char c : {'-', 'A', 'F', 'g', ' ', '_', '\0'}) {
            INFO(at << " " << c);
            CHECK(parse_traceparent(with(at, c)).has_value() == (is_dash && c == '-'));
        }
    }
}
