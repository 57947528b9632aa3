#include "server_fixture.hpp"
#include "server_routes.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;

TEST_CASE("a server without a host takes connections to every address", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")}, {}, "");
    CHECK(server.connect().get("/echo")->status == 200);
}

TEST_CASE("a host may be a name", "[http_server]") {
    TransportServer server({echo_route("GET", "/echo")}, {}, "localhost");
    CHECK(server.connect().get("/echo")->status == 200);
}

TEST_CASE("what cannot be listened on is told, and the server can be dropped", "[http_server]") {
    TransportServer taken({echo_route("GET", "/echo")});
    boost::asio::io_context shard;
    http::Server server(shard, {}, {echo_route("GET", "/echo")});
    CHECK(server.listen("127.0.0.1", taken.port()).error() == boost::system::errc::address_in_use);
    CHECK_FALSE(server.listen("192.0.2.1", 0));
    CHECK_FALSE(server.listen("no such host", 0));
}
