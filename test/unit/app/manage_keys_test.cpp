#include "smsbcast/app/manage_keys.hpp"
#include "support/app_loop.hpp"
#include "support/fake_key_store.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;
using app::KeyMistake;
using app::KeyRequest;
using app::ManageKeys;

namespace {

struct ManagedWorld {
    Loop loop;
    FakeKeyStore store;
    ManageKeys keys{store, {"pepper", "older"}};
    const Caller admin{"root", "default", {Scope::admin}};
    const Deadline deadline = Deadline::after(1h);

    app::MadeKey make(std::optional<Timestamp> expires_at = {}) {
        auto made =
            run(loop, keys.create(admin, {"till 7", "clinic", {Scope::broadcasts_write}, expires_at}, deadline));
        REQUIRE(made.has_value());
        return std::move(*made);
    }

    bool lets_in(const std::string& token) {
        app::KeyRing ring({"pepper"});
        auto live = run(loop, store.live(deadline));
        ring.load(std::move(*live), Deadline::Clock::now());
        return ring.find(std::get<KeyToken>(parse_key_token(token)), Deadline::Clock::now(), wall_clock()).has_value();
    }
};

} // namespace

TEST_CASE("keys: one that was made lets in, and its secret is not stored", "[app][keys]") {
    ManagedWorld world;
    const auto made = world.make();
    CHECK(made.key.name == "till 7");
    CHECK(made.key.tenant == "clinic");
    CHECK(world.lets_in(made.token));
    const auto token = std::get<KeyToken>(parse_key_token(made.token));
    CHECK(world.store.keys.at(token.prefix).digest == app::digest_of(token, "pepper"));
}

TEST_CASE("keys: all that is wrong with one is found", "[app][keys]") {
    const auto now = wall_clock();
    const KeyRequest good{"till 7", "clinic", {Scope::admin}, now + 1h};
    CHECK(app::check(good, now).empty());
    const auto all = app::check({"", "Clinic", {}, now}, now);
    for (const auto mistake : app::kKeyMistakes) {
        CHECK(all.contains(mistake));
        CHECK_FALSE(app::field_of(mistake).empty());
        CHECK_FALSE(app::message(mistake).empty());
    }
    CHECK(app::check({std::string(101, 'x'), "a", {Scope::admin}, {}}, now) == app::KeyMistakes{KeyMistake::name});
    for (const auto* name : {"a\nb", "a\x1b[2J", "a\x7f", "a\xc2\x9b", "a\xe2\x80\xae", "\xef\xbb\xbfx"})
        CHECK(app::check({name, "a", {Scope::admin}, {}}, now) == app::KeyMistakes{KeyMistake::name});
    for (const auto* name : {"Kasse 7", "Kliník – «žluť»", "ร้าน", "0812345678"})
        CHECK(app::check({name, "a", {Scope::admin}, {}}, now).empty());
    ManagedWorld world;
    CHECK(run(world.loop, world.keys.create(world.admin, {"", "a", {}, {}}, world.deadline)).error() == Errc::invalid);
    CHECK(world.store.keys.empty());
}

TEST_CASE("keys: a rotated one goes on for a while, and its successor is its like", "[app][keys]") {
    ManagedWorld world;
    const auto end = wall_clock() + 1000h;
    const auto old = world.make(end);
    const auto made = run(world.loop, world.keys.rotate(world.admin, old.key.prefix, 1h, world.deadline));
    REQUIRE(made.has_value());
    CHECK(made->key.prefix != old.key.prefix);
    CHECK(made->key.name == old.key.name);
    CHECK(made->key.tenant == old.key.tenant);
    CHECK(made->key.scopes == old.key.scopes);
    CHECK(made->key.expires_at == end);
    CHECK(world.lets_in(old.token));
    CHECK(world.lets_in(made->token));
    CHECK(world.store.keys.at(old.key.prefix).key.expires_at < end);
    for (const auto overlap : {-1ms, std::chrono::milliseconds(ManageKeys::kMostOverlap) + 1ms})
        CHECK(run(world.loop, world.keys.rotate(world.admin, old.key.prefix, overlap, world.deadline)).error() ==
              Errc::invalid);
}

TEST_CASE("keys: a revoked one lets nobody in, and cannot be rotated", "[app][keys]") {
    ManagedWorld world;
    const auto made = world.make();
    const auto revoked = run(world.loop, world.keys.revoke(world.admin, made.key.prefix, world.deadline));
    REQUIRE(revoked.has_value());
    CHECK(revoked->revoked_at);
    CHECK_FALSE(world.lets_in(made.token));
    CHECK(run(world.loop, world.keys.rotate(world.admin, made.key.prefix, 1h, world.deadline)).error() ==
          Errc::conflict);
}

TEST_CASE("keys: a text that is no prefix names no key", "[app][keys]") {
    ManagedWorld world;
    for (const auto* text : {"", "nonsense", "0123456789a", "012345678\xff"}) {
        CHECK(run(world.loop, world.keys.get(world.admin, text, world.deadline)).error() == Errc::not_found);
        CHECK(run(world.loop, world.keys.revoke(world.admin, text, world.deadline)).error() == Errc::not_found);
        CHECK(run(world.loop, world.keys.rotate(world.admin, text, 1h, world.deadline)).error() == Errc::not_found);
    }
}

TEST_CASE("keys: only who has the scope admin sees or changes them", "[app][keys]") {
    ManagedWorld world;
    const auto made = world.make();
    auto others = Caller::anyone();
    others.scopes = {Scope::broadcasts_read, Scope::broadcasts_write, Scope::suppressions_write};
    const KeyRequest request{"x", "default", {Scope::admin}, {}};
    CHECK(run(world.loop, world.keys.create(others, request, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.keys.list(others, {}, 10, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.keys.get(others, made.key.prefix, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.keys.revoke(others, made.key.prefix, world.deadline)).error() == Errc::forbidden);
    CHECK(run(world.loop, world.keys.rotate(others, made.key.prefix, 1h, world.deadline)).error() == Errc::forbidden);
    CHECK(world.store.keys.size() == 1);
    CHECK(world.lets_in(made.token));
}
