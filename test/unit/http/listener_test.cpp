#include "http/server/listener.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace smsbcast::http;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

TEST_CASE("of a name with addresses of both families the first of IPv4 is listened at", "[http]") {
    const tcp::endpoint six(make_address("::1"), 80), four(make_address("127.0.0.1"), 80),
        other(make_address("127.0.0.2"), 80);
    CHECK(choose_address(std::vector{six, four, other}) == four);
    CHECK(choose_address(std::vector{other, four}) == other);
    CHECK(choose_address(std::vector{six}) == six);
}
