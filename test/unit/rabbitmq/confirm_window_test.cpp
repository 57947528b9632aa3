#include "adapters/rabbitmq/confirm_window.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace smsbcast::adapters::rabbitmq {

namespace {

using Settled = std::vector<Settlement>;

const ConfirmWindow::Time kStart{std::chrono::seconds(1000)};

BatchEntry entry(std::uint32_t index) {
    return {7, index};
}

ConfirmWindow filled(std::uint32_t count, std::size_t limit = 100) {
    ConfirmWindow window(limit);
    for (std::uint32_t index = 1; index <= count; ++index)
        window.on_published(entry(index), kStart + std::chrono::seconds(index));
    return window;
}

} // namespace

TEST_CASE("confirm window: tags count from one in the order of publishing") {
    ConfirmWindow window(10);
    CHECK(window.next_tag() == 1);
    CHECK(window.on_published(entry(0), kStart) == 1);
    CHECK(window.on_published(entry(1), kStart) == 2);
    CHECK(window.next_tag() == 3);
}

TEST_CASE("confirm window: a single ack settles one, a multiple ack all up to it") {
    auto window = filled(5);
    CHECK(window.on_ack(1, false) == Settled{{entry(1), Outcome::confirmed}});
    CHECK(window.on_ack(3, true) == Settled{{entry(2), Outcome::confirmed}, {entry(3), Outcome::confirmed}});
    CHECK(window.on_ack(0, true) == Settled{{entry(4), Outcome::confirmed}, {entry(5), Outcome::confirmed}});
    CHECK(window.empty());
    CHECK(window.next_tag() == 6);
}

TEST_CASE("confirm window: confirms may come out of order and twice") {
    auto window = filled(4);
    CHECK(window.on_ack(3, false) == Settled{{entry(3), Outcome::confirmed}});
    CHECK(window.on_ack(3, false).empty());
    CHECK(window.on_nack(3, false).empty());
    CHECK(window.on_ack(4, true) ==
          Settled{{entry(1), Outcome::confirmed}, {entry(2), Outcome::confirmed}, {entry(4), Outcome::confirmed}});
    CHECK(window.on_ack(4, true).empty());
    CHECK(window.on_ack(1, false).empty());
}

TEST_CASE("confirm window: a tag that was never published is ignored") {
    auto window = filled(2);
    CHECK(window.on_ack(3, false).empty());
    CHECK(window.on_ack(0, false).empty());
    CHECK(window.on_ack(~0ULL, false).empty());
    window.on_return(9);
    CHECK(window.on_ack(99, true).size() == 2);
    CHECK(ConfirmWindow(3).on_ack(0, true).empty());
}

TEST_CASE("confirm window: a nack refuses") {
    auto window = filled(3);
    CHECK(window.on_nack(2, true) == Settled{{entry(1), Outcome::refused}, {entry(2), Outcome::refused}});
    CHECK(window.on_ack(3, false) == Settled{{entry(3), Outcome::confirmed}});
}

TEST_CASE("confirm window: the ack of a returned message refuses it") {
    auto window = filled(3);
    window.on_return(2);
    CHECK(window.on_ack(3, true) ==
          Settled{{entry(1), Outcome::confirmed}, {entry(2), Outcome::refused}, {entry(3), Outcome::confirmed}});
}

TEST_CASE("confirm window: the end of the connection leaves the rest unsettled, but for what came back") {
    auto window = filled(4);
    window.on_ack(2, false);
    window.on_return(3);
    CHECK(window.on_connection_lost() ==
          Settled{{entry(1), Outcome::unsettled}, {entry(3), Outcome::refused}, {entry(4), Outcome::unsettled}});
    CHECK(window.empty());
    CHECK(window.next_tag() == 1);
    CHECK(window.on_ack(1, true).empty());
}

TEST_CASE("confirm window: is bounded from the oldest waiting tag to the newest") {
    auto window = filled(3, 3);
    CHECK_FALSE(window.has_room());
    window.on_ack(2, false);
    CHECK_FALSE(window.has_room());
    window.on_ack(1, false);
    CHECK(window.has_room());
    CHECK(window.oldest() == kStart + std::chrono::seconds(3));
    window.on_ack(3, false);
    CHECK_FALSE(window.oldest());
}

TEST_CASE("confirm window: any stream of confirms settles every message exactly once") {
    std::mt19937 draw(20240101);
    for (int round = 0; round < 200; ++round) {
        ConfirmWindow window(50);
        std::vector<int> settled(400);
        std::uint32_t published = 0;
        const auto count = [&](const Settled& some) {
            for (const auto& each : some)
                ++settled[each.entry.index];
        };
        while (published < settled.size()) {
            if (window.has_room() && draw() % 3 != 0)
                window.on_published(entry(published++), kStart);
            else if (published > 0)
                count(draw() % 4 == 0 ? window.on_nack(draw() % (published + 3), draw() % 2 == 0)
                                      : window.on_ack(draw() % (published + 3), draw() % 2 == 0));
        }
        count(window.on_connection_lost());
        CHECK(settled == std::vector<int>(settled.size(), 1));
    }
}

} // namespace smsbcast::adapters::rabbitmq
