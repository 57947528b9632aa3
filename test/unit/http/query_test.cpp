#include "smsbcast/http/query.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace smsbcast::http;

namespace {

std::vector<std::string> mistakes(std::string_view text) {
    std::vector<std::string> found;
    for (const auto& mistake : Query(text).mistakes({"a", "b"}))
        found.push_back(mistake.field + ":" + mistake.code);
    return found;
}

using Codes = std::vector<std::string>;

} // namespace

TEST_CASE("a query gives each parameter decoded", "[transport]") {
    const Query query("a=x%20y+z&b=&&");
    CHECK(query.get("a") == "x y z");
    CHECK(query.get("b") == "");
    CHECK_FALSE(query.get("c"));
    CHECK(query.mistakes({"a", "b"}).empty());
    CHECK(Query("").mistakes({}).empty());
    CHECK(Query("a").get("a") == "");
}

TEST_CASE("unknown, repeated and broken parameters are named", "[transport]") {
    CHECK(mistakes("a=1&c=2") == Codes{"c:unknown_parameter"});
    CHECK(mistakes("a=1&a=1") == Codes{"a:duplicate"});
    CHECK(mistakes("a=1&%61=2") == Codes{"a:duplicate"});
    CHECK(mistakes("a=%zz&b=%00") == Codes{"a:malformed", "b:malformed"});
    CHECK(mistakes("%zz=1") == Codes{"query:malformed"});
}

TEST_CASE("of a query that nobody can mean only the start is looked at", "[transport]") {
    std::string text;
    for (int i = 0; i < 3000; ++i)
        text += "&p" + std::to_string(i) + "=1";
    const Query query(text);
    CHECK(query.get("p63") == "1");
    CHECK_FALSE(query.get("p64"));
    const auto found = mistakes(text);
    CHECK(found.size() == Query::kMost + 1);
    CHECK(std::count(found.begin(), found.end(), "query:too_many_parameters") == 1);
    CHECK(mistakes(std::string(3000, '&')).empty());
}
