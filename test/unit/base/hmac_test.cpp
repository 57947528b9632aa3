#include "smsbcast/base/hmac.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace smsbcast;

namespace {

std::string hex(const Sha256& digest) {
    std::string text;
    for (const auto byte : digest)
        for (const int shift : {4, 0})
            text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> shift & 15U];
    return text;
}

} // namespace

// RFC 4231 §4.2, §4.3, §4.7.
TEST_CASE("HMAC-SHA-256 gives the digests of its standard", "[base][hmac]") {
    CHECK(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("bytes are equal where all of them are", "[base][hmac]") {
    const auto one = hmac_sha256("key", "text");
    auto other = one;
    CHECK(equal_in_constant_time(one, other));
    for (const std::size_t at : {0, 15, 31}) {
        other = one;
        other[at] ^= std::byte{1};
        CHECK_FALSE(equal_in_constant_time(one, other));
    }
    CHECK_FALSE(equal_in_constant_time(one, std::span(one).first(31)));
    CHECK(equal_in_constant_time({}, {}));
}
