#include "smsbcast/config/connection_bounds.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace smsbcast;
using namespace smsbcast::config;

namespace {

constexpr std::uint64_t kPlenty = 1'000'000;

std::uint64_t sum_of_all(const ConnectionBounds& bounds) {
    return 3 * bounds.served + 2 * bounds.health + bounds.provider + bounds.receipts;
}

} // namespace

TEST_CASE("connections: with descriptors enough everybody gets what was asked for", "[config]") {
    Config config;
    config.http.max_connections = 20'000;
    config.worker.connections = 1024;
    const auto bounds = fitting_connections(kAllRoles, config, kPlenty);
    CHECK(bounds == wanted_connections(config));
    CHECK(bounds.served == 20'000);
    CHECK(bounds.provider == 1024);
    CHECK(bounds.health < 1000); // health checks need no more
}

TEST_CASE("connections: without a bound given it follows the descriptors", "[config]") {
    const Config config;
    const std::vector<Role> dlr{Role::dlr};
    CHECK(fitting_connections(dlr, config, kPlenty).served == 8192);
    CHECK(fitting_connections(dlr, config, 4096).served > 3500);
    CHECK(fitting_connections(dlr, config, 1024).served > 800);
    const auto all = fitting_connections(kAllRoles, config, 20'000);
    CHECK(all.served > 5000);
    CHECK(all.provider == config.worker.connections);
}

TEST_CASE("connections: what is asked for never exceeds the descriptors", "[config]") {
    Config config;
    config.worker.connections = 1024;
    for (const std::uint64_t asked : {0, 1, 100, 1024, 65'536}) {
        config.http.max_connections = asked;
        for (std::uint64_t limit = 512; limit <= 100'000; limit += 37) {
            const auto bounds = fitting_connections(kAllRoles, config, limit);
            CAPTURE(asked, limit);
            REQUIRE(sum_of_all(bounds) + 100 < limit);
            REQUIRE(bounds.served > 0);
            REQUIRE(bounds.health > 0);
            REQUIRE(bounds.provider > 0);
            REQUIRE(bounds.receipts > 0);
            REQUIRE((asked == 0 || bounds.served <= asked));
        }
    }
}

TEST_CASE("connections: even without descriptors a few connections are tried", "[config]") {
    Config config;
    config.http.max_connections = 2;
    const auto bounds = fitting_connections(kAllRoles, config, 3);
    CHECK(bounds.served == 2);
    CHECK(bounds.health == 2);
    CHECK(bounds.provider == 8);
}

TEST_CASE("connections: what only other processes run needs nothing here", "[config]") {
    Config config;
    config.worker.connections = 1024;
    const std::vector<Role> worker{Role::worker}, api{Role::api};
    CHECK(fitting_connections(worker, config, 2048).provider == 1024);
    CHECK(fitting_connections(api, config, 2048).served > 1900);
}

TEST_CASE("connections: each role reads its own bounds", "[config]") {
    const ConnectionBounds bounds{.served = 100, .health = 7, .provider = 50, .receipts = 9};
    CHECK(with_bounds({}, Role::api, bounds).http.max_connections == 100);
    CHECK(with_bounds({}, Role::dlr, bounds).http.max_connections == 100);
    CHECK(with_bounds({}, Role::mock_provider, bounds).http.max_connections == 100);
    CHECK(with_bounds({}, Role::outbox, bounds).http.max_connections == 7);
    const auto worker = with_bounds({}, Role::worker, bounds);
    CHECK(worker.http.max_connections == 7);
    CHECK(worker.worker.connections == 50);
    CHECK(worker.mock.receipt_connections == 9);
}
