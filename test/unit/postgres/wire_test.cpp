#include "adapters/postgres/wire.hpp"

#include <catch2/catch.hpp>

namespace smsbcast::adapters::postgres {

namespace {

using namespace std::string_literals;

const std::string& only(const Params& params) {
    REQUIRE(params.size() == 1);
    REQUIRE(params.values().front());
    return *params.values().front();
}

} // namespace

TEST_CASE("integers are put in network order", "[postgres]") {
    std::string out;
    put(out, std::int16_t{-1});
    put(out, std::int32_t{0x01020304});
    put(out, std::int64_t{-2});
    put(out, std::uint8_t{7});
    CHECK(out == "\xff\xff\x01\x02\x03\x04\xff\xff\xff\xff\xff\xff\xff\xfe\x07"s);
}

TEST_CASE("single parameters", "[postgres]") {
    Uuid id;
    id.bytes[0] = 0xab;
    id.bytes[15] = 0x01;
    CHECK(only(Params().uuid(id)) == "\xab"s + std::string(14, '\0') + "\x01");
    CHECK(only(Params().integer(-1)) == "\xff\xff\xff\xff");
    CHECK(only(Params().bigint(258)) == "\0\0\0\0\0\0\x01\x02"s);
    CHECK(only(Params().boolean(true)) == "\x01");
    CHECK(only(Params().boolean(false)) == "\0"s);
    CHECK(only(Params().text("")) == "");
    CHECK(only(Params().maybe_text("x")) == "x");
    CHECK_FALSE(Params().maybe_text(std::nullopt).values().front());
    CHECK(only(Params().maybe_time(kEpoch + std::chrono::microseconds(258))) == "\0\0\0\0\0\0\x01\x02"s);
    CHECK_FALSE(Params().maybe_time(std::nullopt).values().front());
    CHECK_FALSE(Params().uuid(std::optional<Uuid>()).values().front());
    CHECK(only(Params().bytes(std::array{std::byte{0}, std::byte{0xff}})) == "\0\xff"s);
    CHECK(Params().integer(1).bigint(2).text("3").size() == 3);
}

TEST_CASE("arrays", "[postgres]") {
    const std::vector<int> numbers{1, -1};
    const auto itself = [](int number) { return number; };
    const auto head = [](const char* oid, char size) {
        return "\0\0\0\x01\0\0\0\x01"s + std::string(oid, 4) + "\0\0\0"s + std::string(1, size) + "\0\0\0\x01"s;
    };
    CHECK(only(Params().integers(numbers, itself)) ==
          head("\0\0\0\x17", 2) + "\0\0\0\x04\0\0\0\x01"s + "\0\0\0\x04\xff\xff\xff\xff"s);
    CHECK(only(Params().bigints(numbers, [](int number) { return std::int64_t{number}; })) ==
          head("\0\0\0\x14", 2) + "\0\0\0\x08\0\0\0\0\0\0\0\x01"s + "\0\0\0\x08\xff\xff\xff\xff\xff\xff\xff\xff"s);
    CHECK(only(Params().booleans(numbers, [](int number) { return number > 0; })) ==
          head("\0\0\0\x10", 2) + "\0\0\0\x01\x01"s + "\0\0\0\x01\0"s);
    CHECK(only(Params().texts(numbers, [](int number) { return number > 0 ? "ab"s : ""s; })) ==
          head("\0\0\0\x19", 2) + "\0\0\0\x02"s + "ab" + "\0\0\0\0"s);
    CHECK(only(Params().uuids(std::vector<Uuid>(1), [](const Uuid& id) { return id; })) ==
          head("\0\0\x0b\x86", 1) + "\0\0\0\x10"s + std::string(16, '\0'));
    CHECK(only(Params().times(std::vector<int>{258}, [](int n) { return kEpoch + std::chrono::microseconds(n); })) ==
          head("\0\0\x04\xa0", 1) + "\0\0\0\x08\0\0\0\0\0\0\x01\x02"s);
    CHECK(only(Params().integers(std::vector<int>(), itself)) == head("\0\0\0\x17", 0));
}

TEST_CASE("arrays with nulls", "[postgres]") {
    const std::vector<std::optional<std::string>> texts{"x", std::nullopt};
    const auto out = only(Params().texts(texts, [](const auto& text) { return text; }));
    CHECK(out.substr(20) == "\0\0\0\x01"s + "x" + "\xff\xff\xff\xff");
    const std::vector<std::optional<Uuid>> ids{std::nullopt, Uuid{}};
    CHECK(only(Params().uuids(ids, [](const auto& id) { return id; })).size() == 20 + 4 + 20);
    const std::vector<std::optional<std::int64_t>> numbers{std::nullopt};
    CHECK(only(Params().bigints(numbers, [](const auto& number) { return number; })).substr(20) == "\xff\xff\xff\xff");
}

} // namespace smsbcast::adapters::postgres
