#include "smsbcast/base/json_text.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace smsbcast;

namespace {

std::string written(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

} // namespace

TEST_CASE("a JSON string reads back as what was written", "[transport]") {
    std::string all;
    for (int c = 0; c < 128; ++c)
        all.push_back(static_cast<char>(c));
    all += "é ก 😀 \u2028 \U0010FFFF";
    const auto back = boost::json::parse(written(all)).as_string();
    CHECK(std::string_view(back.data(), back.size()) == all);
    CHECK(written("a\"\\\n\x01") == R"("a\"\\\n\u0001")");
    CHECK(written("") == "\"\"");
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one", "[transport]") {
    CHECK(written("a\xff"
                  "b") == "\"a\uFFFDb\"");
    CHECK(written("\xc3") == "\"\uFFFD\"");
    CHECK(written("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\""); // a surrogate
    CHECK(written("\xf0\x9f\x98") == "\"\uFFFD\uFFFD\uFFFD\"");
}

TEST_CASE("an object is written member by member", "[transport]") {
    std::string out;
    {
        JsonObject object(out);
        object.add("text", "x");
        object.add("flag", true);
        object.add("number", std::int64_t{-5});
        object.add("nothing", std::optional<std::string>{});
        object.add("something", std::optional<int>{7});
        append_array(object.begin("list"), std::vector<int>{1, 2},
                     [](std::string& text, int n) { append_integer(text, n); });
        JsonObject(object.begin("empty"));
    }
    CHECK(out == R"({"text":"x","flag":true,"number":-5,"nothing":null,"something":7,"list":[1,2],"empty":{}})");
}
