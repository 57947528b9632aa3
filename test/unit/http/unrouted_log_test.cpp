#include "smsbcast/base/log_sample.hpp"
#include "smsbcast/http/unrouted_log.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast::http;
using namespace std::chrono_literals;

TEST_CASE("a path is logged without what may be a phone number", "[unrouted_log]") {
    CHECK(loggable("/webhook/v1", 100) == "/webhook/v1");
    CHECK(loggable("/", 100) == "/");
    CHECK(loggable("/dlr/+66812345678", 100) == "/dlr/+###########");
    CHECK(loggable("/dlr/081-234-5678", 100) == "/dlr/###-###-####");
    CHECK(loggable("/dlr/0812/345/678", 100) == "/dlr/####/###/###");
    CHECK(loggable("/%36%36%38%31%32%33%34%35%36", 100) == "/#########");
    CHECK(loggable("/dlr%3Fto=66812345678", 100) == "/dlr");
    CHECK(loggable("/a%0Ab%ff\x01%", 100) == "/a%0Ab%ff?%"); // not well-formed: as it came
    CHECK(loggable("/a%0Ab%ff", 100) == "/a?b?");
    CHECK(loggable("/\xd9\xa6\xd9\xa6", 100) == "/????"); // digits of another script
    CHECK(loggable("/abcdef", 4) == "/abc...");
    CHECK(loggable("/abcdef66812345678", 4) == "/abc...");
    CHECK(loggable("", 4).empty());
}

TEST_CASE("of many equal events the first is logged, then one every ten seconds", "[log_sample]") {
    const smsbcast::LogSample::Clock::time_point now{1000s};
    smsbcast::LogSample sample;
    CHECK(sample.take(now));
    CHECK_FALSE(sample.take(now));
    CHECK_FALSE(sample.take(now + smsbcast::LogSample::kPause - 1ms));
    CHECK(sample.take(now + smsbcast::LogSample::kPause));
    CHECK_FALSE(sample.take(now + smsbcast::LogSample::kPause + 1ms));
    CHECK(sample.seen() == 5);
}
