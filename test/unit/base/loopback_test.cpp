#include "smsbcast/base/loopback.hpp"

#include <catch2/catch.hpp>

using smsbcast::is_every_address;
using smsbcast::is_loopback;

TEST_CASE("loopback: every spelling that leads to this machine", "[base]") {
    for (const auto* host : {"localhost", "LocalHost", "localhost.", "127.0.0.1", "127.255.1.9", "127.1", "2130706433",
                             "0x7f.0.0.1", "0177.0.0.1", "::1", "0:0:0:0:0:0:0:1", "::1%lo", "::ffff:127.0.0.1",
                             "::FFFF:7f00:1", "0.0.0.0", "0", "::", "::ffff:0.0.0.0"}) {
        INFO(host);
        CHECK(is_loopback(host));
    }
}

TEST_CASE("loopback: everything else is another machine", "[base]") {
    for (const auto* host : {"", ".", "gate", "localhost.example.org", "localhost..", "mylocalhost", "128.0.0.1",
                             "126.255.255.255", "10.0.0.1", "127.0.0.1.example.org", "127.0.0.256", "::2", "fe80::1%lo",
                             "::ffff:10.0.0.1", "::127.0.0.1", "1::", "127.0.0.1."}) {
        INFO(host);
        CHECK_FALSE(is_loopback(host));
    }
}

TEST_CASE("every address is known in every spelling", "[base][loopback]") {
    for (const auto* host :
         {"", "0.0.0.0", "0", "0.0", "0x0", "00000", "::", "::0", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0"})
        CHECK(is_every_address(host));
    for (const auto* host : {"127.0.0.1", "localhost", "::1", "0.0.0.1", "10.0.0.1", "gate", "::ffff:127.0.0.1"})
        CHECK_FALSE(is_every_address(host));
}
