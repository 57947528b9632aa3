#include "smsbcast/base/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <vector>

using namespace smsbcast;

TEST_CASE("random bytes fill any length", "[base][random]") {
    for (const std::size_t size : {0, 1, 7, 32, 1000}) {
        // Each byte is zero once in 256 draws; that one stays zero in twenty of them happens in no lifetime.
        std::vector<bool> touched(size);
        for (int draw = 0; draw < 20; ++draw) {
            std::vector<std::byte> bytes(size);
            fill_random(bytes);
            for (std::size_t i = 0; i < size; ++i)
                touched[i] = touched[i] || bytes[i] != std::byte{0};
        }
        CHECK(std::ranges::all_of(touched, [](bool is) { return is; }));
    }
}

TEST_CASE("random bits come once, in every thread", "[base][random]") {
    constexpr std::size_t kDrawn = 10'000;
    std::array<std::vector<std::uint64_t>, 3> drawn;
    {
        std::array<std::jthread, 2> threads;
        for (std::size_t i = 0; i < threads.size(); ++i)
            threads[i] = std::jthread([&mine = drawn[i]] {
                for (std::size_t n = 0; n < kDrawn; ++n)
                    mine.push_back(random_bits());
            });
        for (std::size_t n = 0; n < kDrawn; ++n)
            drawn[2].push_back(random_bits());
    }
    std::set<std::uint64_t> all;
    for (const auto& mine : drawn)
        all.insert(mine.begin(), mine.end());
    CHECK(all.size() == drawn.size() * kDrawn);
}

TEST_CASE("every bit is set about half of the time", "[base][random]") {
    std::array<int, 64> set{};
    constexpr int kDraws = 10'000;
    for (int n = 0; n < kDraws; ++n)
        for (std::uint64_t bits = random_bits(), i = 0; i < 64; ++i)
            set[i] += static_cast<int>(bits >> i & 1);
    for (const auto count : set) { // ten standard deviations
        CHECK(count > kDraws / 2 - 500);
        CHECK(count < kDraws / 2 + 500);
    }
}

TEST_CASE("a random fraction is at least 0 and below 1", "[base][random]") {
    for (int n = 0; n < 10'000; ++n) {
        const auto fraction = random_fraction();
        REQUIRE(fraction >= 0);
        REQUIRE(fraction < 1);
    }
}
