#include "mock/provider_ids.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace smsbcast;
using namespace smsbcast::mock;

TEST_CASE("Each acceptance has a UUID of its own, which its number gives again", "[mock]") {
    const ProviderIds ids;
    const ProviderIds others;
    std::set<Uuid> seen;
    for (std::uint64_t number = 0; number < 10'000; ++number) {
        CHECK(seen.insert(ids.of(number)).second);
        CHECK(seen.insert(others.of(number)).second);
        CHECK(ids.of(number) == ids.of(number));
    }
    const auto text = ids.text(1);
    CHECK(parse_uuid(text) == ids.of(1));
    CHECK(text[14] == '4');
    CHECK((text[19] == '8' || text[19] == '9' || text[19] == 'a' || text[19] == 'b'));
}

TEST_CASE("A text that is no UUID has one that stands for it", "[mock]") {
    CHECK(uuid_of("order-7") == uuid_of("order-7"));
    CHECK(uuid_of("order-7") != uuid_of("order-8"));
    CHECK(to_string(uuid_of("order-7"))[14] == '8');
}
