#include "smsbcast/app/key_ring.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace std::chrono_literals;
using app::KeyRing;

namespace {

constexpr KeyRing::TimePoint kNow{1h};
const Timestamp kWall{std::chrono::hours(500'000)};

StoredKey key_of(const KeyToken& token, const std::string& pepper = "pepper") {
    ApiKey key;
    key.prefix = token.prefix;
    key.tenant = "clinic";
    key.scopes = {Scope::broadcasts_read};
    return {key, app::digest_of(token, pepper)};
}

} // namespace

TEST_CASE("key ring: a token is its key's, and no other", "[app][keys]") {
    KeyRing ring({"pepper"});
    const auto token = new_key_token(), other = new_key_token();
    CHECK_FALSE(ring.find(token, kNow, kWall)); // nothing was loaded
    ring.load({key_of(token), key_of(other)}, kNow);
    const auto caller = ring.find(token, kNow, kWall);
    REQUIRE(caller);
    CHECK(*caller == Caller{token.prefix, "clinic", {Scope::broadcasts_read}});
    CHECK_FALSE(ring.find(new_key_token(), kNow, kWall));
    CHECK_FALSE(ring.find({token.prefix, other.secret}, kNow, kWall));
    CHECK_FALSE(ring.find({other.prefix, token.secret}, kNow, kWall));
}

TEST_CASE("key ring: a digest is good for its own prefix and pepper only", "[app][keys]") {
    const auto token = new_key_token(), other = new_key_token();
    KeyRing ring({"pepper"});
    auto moved = key_of(token);
    moved.key.prefix = other.prefix;
    ring.load({moved, key_of(token, "another")}, kNow);
    CHECK_FALSE(ring.find({other.prefix, token.secret}, kNow, kWall));
    CHECK_FALSE(ring.find(token, kNow, kWall));
}

TEST_CASE("key ring: keys of older peppers go on working", "[app][keys]") {
    const auto token = new_key_token(), older = new_key_token(), gone = new_key_token();
    KeyRing ring({"new", "old"});
    ring.load({key_of(token, "new"), key_of(older, "old"), key_of(gone, "oldest")}, kNow);
    CHECK(ring.find(token, kNow, kWall));
    CHECK(ring.find(older, kNow, kWall));
    CHECK_FALSE(ring.find(gone, kNow, kWall));
}

TEST_CASE("key ring: what is not fresh lets nobody in", "[app][keys]") {
    const auto token = new_key_token();
    KeyRing ring({"pepper"});
    ring.load({key_of(token)}, kNow);
    CHECK(ring.find(token, kNow + KeyRing::kFreshFor, kWall));
    CHECK_FALSE(ring.find(token, kNow + KeyRing::kFreshFor + 1ms, kWall));
    ring.load({}, kNow + 10s);
    CHECK_FALSE(ring.find(token, kNow + 10s, kWall));
}

TEST_CASE("key ring: a key that expires meanwhile ends at its time", "[app][keys]") {
    const auto token = new_key_token();
    auto stored = key_of(token);
    stored.key.expires_at = kWall + 1s;
    KeyRing ring({"pepper"});
    ring.load({stored}, kNow);
    CHECK(ring.find(token, kNow, kWall));
    CHECK_FALSE(ring.find(token, kNow, kWall + 1s));
}

TEST_CASE("key ring: a use is told once a minute", "[app][keys]") {
    const auto token = new_key_token(), idle = new_key_token();
    KeyRing ring({"pepper"});
    ring.load({key_of(token), key_of(idle)}, kNow);
    CHECK(ring.find(token, kNow, kWall));
    CHECK(ring.find(token, kNow, kWall + 30s));
    const auto uses = ring.take_uses();
    REQUIRE(uses.size() == 1);
    CHECK(uses.front().prefix == token.prefix);
    CHECK(uses.front().at == kWall);
    CHECK(ring.take_uses().empty());
    CHECK(ring.find(token, kNow, kWall + KeyRing::kUseApart));
    ring.load({key_of(token)}, kNow); // what the store does not know yet is not forgotten
    CHECK(ring.find(token, kNow, kWall + KeyRing::kUseApart + 30s));
    const auto later = ring.take_uses();
    REQUIRE(later.size() == 1);
    CHECK(later.front().at == kWall + KeyRing::kUseApart);
}

TEST_CASE("key ring: a thousand uses are told at a time", "[app][keys]") {
    KeyRing ring({"pepper"});
    std::vector<KeyToken> tokens;
    std::vector<StoredKey> keys;
    for (int i = 0; i < 1500; ++i) {
        tokens.push_back(new_key_token());
        keys.push_back(key_of(tokens.back()));
    }
    ring.load(std::move(keys), kNow);
    for (const auto& token : tokens)
        REQUIRE(ring.find(token, kNow, kWall));
    CHECK(ring.take_uses().size() == 1000);
    CHECK(ring.take_uses().size() == 500);
}
