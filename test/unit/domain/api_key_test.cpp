#include "smsbcast/domain/api_key.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace smsbcast;

namespace {

// Computed by Python: zlib.crc32 of all before the last underscore, in base 62.
constexpr const char* kKnown = "sms_AAAAAAAAAA_0000000000000000000000000000000000000000000_07okH1";

TokenError error_of(std::string_view text) {
    const auto parsed = parse_key_token(text);
    REQUIRE(std::holds_alternative<TokenError>(parsed));
    return std::get<TokenError>(parsed);
}

} // namespace

TEST_CASE("a key's token reads back", "[domain][api_key]") {
    for (int i = 0; i < 100; ++i) {
        const auto token = new_key_token();
        const auto parsed = parse_key_token(to_string(token));
        REQUIRE(std::holds_alternative<KeyToken>(parsed));
        CHECK(std::get<KeyToken>(parsed) == token);
        CHECK(is_key_prefix(token.prefix));
    }
}

TEST_CASE("the check of a token is a CRC-32 in base 62", "[domain][api_key]") {
    CHECK(to_string(KeyToken{"AAAAAAAAAA", std::string(43, '0')}) == kKnown);
}

TEST_CASE("tokens are all different", "[domain][api_key]") {
    std::set<std::string> prefixes, secrets;
    for (int i = 0; i < 1000; ++i) {
        const auto token = new_key_token();
        prefixes.insert(token.prefix);
        secrets.insert(token.secret);
    }
    CHECK(prefixes.size() == 1000);
    CHECK(secrets.size() == 1000);
}

TEST_CASE("each digit comes about equally often in secrets", "[domain][api_key]") {
    std::map<char, int> counts;
    for (int i = 0; i < 2000; ++i)
        for (const char c : new_key_token().secret)
            ++counts[c];
    CHECK(counts.size() == 62);
    for (const auto& [digit, count] : counts) { // 1387 on average; eight standard deviations
        CHECK(count > 1090);
        CHECK(count < 1690);
    }
}

TEST_CASE("every single changed letter of a token is noticed", "[domain][api_key]") {
    const auto text = to_string(new_key_token());
    for (std::size_t at = 0; at < text.size(); ++at)
        for (const char c : {'0', 'z', '_', ' ', '-'}) {
            auto changed = text;
            changed[at] = c;
            if (changed != text)
                CHECK(std::holds_alternative<TokenError>(parse_key_token(changed)));
        }
    auto swapped = text;
    const auto pair = text.find_first_not_of(text[20], 20);
    std::swap(swapped[20], swapped[pair]);
    CHECK(error_of(swapped) == TokenError::mistyped);
}

TEST_CASE("what has not the form of a token is no key", "[domain][api_key]") {
    const auto text = to_string(new_key_token());
    for (const auto& other :
         {std::string(), std::string("sms_"), text.substr(1), text + "0", text.substr(0, text.size() - 1),
          "SMS_" + text.substr(4), std::string(text.size(), 'x'), std::string(text.size(), '\0')})
        CHECK(error_of(other) == TokenError::not_a_key);
}

TEST_CASE("a key lets nobody in once it was revoked or has expired", "[domain][api_key]") {
    const Timestamp now = wall_clock();
    ApiKey key;
    CHECK(is_live(key, now));
    key.expires_at = now + std::chrono::seconds(1);
    CHECK(is_live(key, now));
    CHECK_FALSE(is_live(key, *key.expires_at));
    key.expires_at.reset();
    key.revoked_at = now;
    CHECK_FALSE(is_live(key, now));
}
