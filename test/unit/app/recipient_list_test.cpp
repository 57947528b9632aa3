#include "smsbcast/app/create_broadcast.hpp"

#include <catch2/catch.hpp>

#include <malloc.h>

#include <random>
#include <unordered_set>

using namespace smsbcast;
using app::RecipientList;

namespace {

std::vector<std::string> texts(const RecipientList& list) {
    std::vector<std::string> out;
    for (const auto& number : list.numbers())
        out.push_back(number.text());
    return out;
}

std::string thai(std::uint64_t number) {
    return "+66" + std::to_string(800000000 + number);
}

std::size_t heap_in_use() {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

} // namespace

TEST_CASE("recipients: the first of equal numbers keeps its place", "[app][recipients]") {
    RecipientList list(10);
    for (const char* text : {"+66812345678", "+14155550100", "+66812345678", "+4915112345678", "+14155550100"})
        list.add(text);
    CHECK(texts(list) == std::vector<std::string>{"+66812345678", "+14155550100", "+4915112345678"});
    CHECK(list.duplicates() == 2);
    CHECK(list.seen() == 5);
    CHECK_FALSE(list.over_limit());
}

TEST_CASE("recipients: bad ones are counted with their place and reason", "[app][recipients]") {
    RecipientList list(1000);
    list.add("+66812345678");
    list.add("");
    list.skip();
    list.add("66812345678");
    REQUIRE(list.bad().size() == 2);
    CHECK(list.bad()[0].index == 1);
    CHECK(list.bad()[0].error == PhoneError::empty);
    CHECK(list.bad()[1].index == 3);
    CHECK(list.bad()[1].error == PhoneError::missing_plus);
    CHECK(list.seen() == 4);

    for (int i = 0; i < 500; ++i)
        list.add("x");
    CHECK(list.bad().size() == RecipientList::kMaxListed);
    CHECK(list.bad_count() == 502);
    CHECK(list.numbers().size() == 1);
}

TEST_CASE("recipients: beyond the limit they are counted and not looked at", "[app][recipients]") {
    RecipientList list(3);
    for (int i = 0; i < 3; ++i)
        list.add(thai(static_cast<std::uint64_t>(i)));
    CHECK_FALSE(list.over_limit());
    list.add("nonsense");
    list.add(thai(7));
    CHECK(list.over_limit());
    CHECK(list.seen() == 5);
    CHECK(list.numbers().size() == 3);
    CHECK(list.bad_count() == 0);
}

TEST_CASE("recipients: agree with a set of the standard library at every size", "[app][recipients]") {
    std::mt19937_64 random(7);
    for (const std::uint64_t range : {1ULL, 50ULL, 5'000ULL, 1'000'000ULL}) {
        RecipientList list(1'000'000);
        std::unordered_set<std::uint64_t> seen;
        std::vector<std::string> expected;
        for (int i = 0; i < 5000; ++i) {
            const std::uint64_t number = random() % range;
            list.add(thai(number));
            if (seen.insert(number).second)
                expected.push_back(thai(number));
        }
        CHECK(texts(list) == expected);
        CHECK(list.duplicates() == 5000 - static_cast<std::int64_t>(expected.size()));
    }
}

TEST_CASE("recipients: a million numbers stay below 25 MB, and giving them away frees the search",
          "[app][recipients]") {
    const std::size_t before = heap_in_use();
    RecipientList list(2'000'000);
    std::size_t most = 0;
    for (std::uint64_t i = 0; i < 1'000'000; ++i) {
        list.add(thai(i));
        if (i % 1000 == 0)
            most = std::max(most, heap_in_use() - before);
    }
    CHECK(list.numbers().size() == 1'000'000);
#ifndef __SANITIZE_ADDRESS__
    CHECK(most < 25'000'000);
#endif
    const std::vector<PhoneNumber> numbers = list.take();
    CHECK(numbers.size() == 1'000'000);
#ifndef __SANITIZE_ADDRESS__
    CHECK(heap_in_use() - before < 9'000'000);
#endif
}
