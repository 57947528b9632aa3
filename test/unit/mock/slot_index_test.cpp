#include "mock/slot_index.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <random>

using smsbcast::mock::SlotIndex;

TEST_CASE("The index finds what a map would, through growth and erasure", "[mock]") {
    // Few distinct hashes make long runs of slots, where erasing goes wrong if it can.
    const auto distinct = GENERATE(7U, 1000U, 1'000'000U);
    std::mt19937 random(distinct);
    std::map<std::uint32_t, std::uint64_t> model; // reference → hash
    SlotIndex index;
    const auto is = [](std::uint32_t reference) {
        return [reference](std::uint32_t other) { return other == reference; };
    };
    for (std::uint32_t step = 0; step < 4000; ++step) {
        if (random() % 3 != 0 || model.empty()) {
            const std::uint64_t hash = random() % distinct;
            model.emplace(step, hash);
            index.insert(hash, step);
        } else {
            const auto victim = std::next(model.begin(), static_cast<long>(random() % model.size()));
            index.erase(victim->second, victim->first);
            REQUIRE_FALSE(index.find(victim->second, is(victim->first)));
            model.erase(victim);
        }
        REQUIRE(index.size() == model.size());
    }
    for (const auto& [reference, hash] : model)
        REQUIRE(index.find(hash, is(reference)) == reference);
    index.clear();
    CHECK(index.size() == 0);
    CHECK_FALSE(index.find(1, [](std::uint32_t) { return true; }));
}

TEST_CASE("A reference is replaced in its place", "[mock]") {
    SlotIndex index;
    index.insert(5, 1);
    index.insert(5, 2);
    index.replace(5, 1, 9);
    index.replace(5, 7, 8);
    CHECK(index.find(5, [](std::uint32_t reference) { return reference == 9; }));
    CHECK_FALSE(index.find(5, [](std::uint32_t reference) { return reference == 1; }));
    CHECK_FALSE(index.find(5, [](std::uint32_t reference) { return reference == 8; }));
    CHECK(index.size() == 2);
    index.erase(5, 1);
    CHECK(index.size() == 2);
}
