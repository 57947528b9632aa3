#include "adapters/rabbitmq/delivery_ledger.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

namespace smsbcast::adapters::rabbitmq {

namespace {

using Frames = std::vector<SettleFrame>;
using Tags = std::vector<std::uint64_t>;

DeliveryLedger delivered(std::uint64_t count) {
    DeliveryLedger ledger;
    for (std::uint64_t tag = 1; tag <= count; ++tag)
        ledger.on_delivered(tag);
    return ledger;
}

Frames settle(DeliveryLedger& ledger, const Tags& tags) {
    return ledger.settle(tags);
}

} // namespace

TEST_CASE("delivery ledger: all that is open takes one frame") {
    auto ledger = delivered(4);
    CHECK(settle(ledger, {3, 1, 4, 2}) == Frames{{4, true}});
    CHECK(ledger.size() == 0);
}

TEST_CASE("delivery ledger: multiple reaches up to the first that stays open") {
    auto ledger = delivered(6);
    CHECK(settle(ledger, {1, 2, 4, 6}) == Frames{{2, true}, {4, false}, {6, false}});
    CHECK(settle(ledger, {3}) == Frames{{3, false}});
    CHECK(settle(ledger, {5}) == Frames{{5, false}});
}

TEST_CASE("delivery ledger: what is not open makes no frame") {
    auto ledger = delivered(3);
    CHECK(settle(ledger, {}).empty());
    CHECK(settle(ledger, {9, 0}).empty());
    CHECK(settle(ledger, {2, 2}) == Frames{{2, false}});
    CHECK(settle(ledger, {2}).empty());
    ledger.on_connection_lost();
    CHECK(settle(ledger, {1, 3}).empty());
}

TEST_CASE("delivery ledger: a broker that follows the frames settles what was asked for and nothing else") {
    std::mt19937 draw(7);
    for (int round = 0; round < 500; ++round) {
        DeliveryLedger ledger;
        std::set<std::uint64_t> broker;
        std::uint64_t last = 0;
        for (int step = 0; step < 60; ++step) {
            if (broker.size() < 16 && draw() % 2 == 0) {
                ledger.on_delivered(++last);
                broker.insert(last);
                continue;
            }
            Tags asked;
            std::ranges::copy_if(broker, std::back_inserter(asked), [&](auto) { return draw() % 3 == 0; });
            auto expected = broker;
            for (const auto tag : asked)
                expected.erase(tag);
            std::ranges::shuffle(asked, draw);
            for (const auto& [tag, multiple] : ledger.settle(asked)) {
                REQUIRE(broker.contains(tag));
                broker.erase(multiple ? broker.begin() : broker.find(tag), broker.upper_bound(tag));
            }
            REQUIRE(broker == expected);
        }
    }
}

} // namespace smsbcast::adapters::rabbitmq
