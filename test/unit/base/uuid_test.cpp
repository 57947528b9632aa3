#include "smsbcast/base/strong_id.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace smsbcast;

TEST_CASE("an id's text is its canonical form and reads back", "[base][uuid]") {
    const auto id = parse_uuid("0189d7c6-5b3a-7def-8123-456789abcdef");
    REQUIRE(id);
    CHECK(to_string(*id) == "0189d7c6-5b3a-7def-8123-456789abcdef");
    CHECK(parse_uuid("0189D7C6-5B3A-7DEF-8123-456789ABCDEF") == id);
}

TEST_CASE("what is no id is refused", "[base][uuid]") {
    for (const auto* text : {"", "0189d7c6", "0189d7c65b3a7def8123456789abcdef", "0189d7c6-5b3a-7def-8123-456789abcdeg",
                             "0189d7c6-5b3a-7def-8123-456789abcdef0", "0189d7c6-5b3a-7def-8123_456789abcdef",
                             "{189d7c6-5b3a-7def-8123-456789abcdef}"})
        CHECK_FALSE(parse_uuid(text));
}

TEST_CASE("a block's ids ascend, are of version 7 and carry the block's time", "[base][uuid]") {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(1'763'900'000'123)};
    UuidBlock block(time);
    Uuid last{};
    for (int n = 0; n < 100'000; ++n) {
        const auto id = block.next();
        REQUIRE(last < id);
        REQUIRE((id.bytes[6] >> 4) == 7);
        REQUIRE((id.bytes[8] >> 6) == 2);
        last = id;
    }
    CHECK(uuid_time(last) == time);
}

TEST_CASE("an id cannot be foretold from those before it", "[base][uuid]") {
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<UuidBlock>);
    std::set<std::array<std::uint8_t, 5>> steps; // the lower 40 bits of the differences, which are 33 bits at most
    UuidBlock block;
    auto last = block.next();
    for (int n = 0; n < 1000; ++n) {
        const auto id = block.next();
        std::array<std::uint8_t, 5> step{};
        for (int i = 4, borrow = 0; i >= 0; --i) {
            const auto at = static_cast<std::size_t>(i);
            const int difference = id.bytes[11 + at] - last.bytes[11 + at] - borrow;
            borrow = difference < 0 ? 1 : 0;
            step[at] = static_cast<std::uint8_t>(difference);
        }
        steps.insert(step);
        last = id;
    }
    CHECK(steps.size() > 990);
}

TEST_CASE("blocks of the same millisecond do not meet", "[base][uuid]") {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(1)};
    std::set<Uuid> seen;
    for (int n = 0; n < 100; ++n) {
        UuidBlock block(time);
        for (int m = 0; m < 100; ++m)
            CHECK(seen.insert(block.next()).second);
    }
}

TEST_CASE("ids of different kinds are different types", "[base][uuid]") {
    STATIC_REQUIRE_FALSE(std::is_convertible_v<MessageId, BroadcastId>);
    STATIC_REQUIRE_FALSE(std::is_same_v<MessageId, TicketId>);
}
