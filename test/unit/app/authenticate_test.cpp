#include "smsbcast/app/authenticate.hpp"
#include "support/app_loop.hpp"
#include "support/fake_key_store.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::test;
using namespace std::chrono_literals;
using app::Authenticate;
using app::KeyRing;

namespace {

std::string g_key_lines;

struct KeyWorld {
    KeyWorld() {
        g_key_lines.clear();
        log::set_sink([](std::string_view line) { g_key_lines += line; });
    }
    ~KeyWorld() {
        authenticate.stop();
        loop.run_dry();
    }

    void begin() {
        loop.spawn(authenticate.run());
        loop.settle();
    }

    KeyToken add() {
        const auto token = new_key_token();
        ApiKey key;
        key.prefix = token.prefix;
        key.scopes = {Scope::broadcasts_read};
        store.keys[token.prefix] = {key, app::digest_of(token, "pepper")};
        return token;
    }

    // What becomes of a request with this token, once it is known.
    std::shared_ptr<std::optional<Result<Caller>>> ask(const KeyToken& token) {
        auto answer = std::make_shared<std::optional<Result<Caller>>>();
        loop.spawn([](Authenticate& by, KeyToken of, Deadline until,
                      std::shared_ptr<std::optional<Result<Caller>>> out) -> asio::awaitable<void> {
            out->emplace(co_await by(std::move(of), until));
        }(authenticate, token, loop.clock.in(5s), answer));
        loop.settle();
        return answer;
    }

    Loop loop;
    FakeKeyStore store;
    Authenticate authenticate{store, {"pepper"}, loop.clock};
};

} // namespace

TEST_CASE("authenticate: a key that is known costs no question", "[app][keys]") {
    KeyWorld world;
    const auto token = world.add();
    world.begin();
    const int before = world.store.questions;
    for (int i = 0; i < 100; ++i)
        CHECK(world.authenticate.known(token));
    CHECK(world.store.questions == before);
}

TEST_CASE("authenticate: a new key lets in at once", "[app][keys]") {
    KeyWorld world;
    world.begin();
    const auto token = world.add();
    CHECK_FALSE(world.authenticate.known(token));
    const auto answer = world.ask(token);
    world.loop.advance(Authenticate::kApart);
    REQUIRE(answer->has_value());
    CHECK((*answer)->has_value());
    CHECK(world.authenticate.known(token));
}

TEST_CASE("authenticate: a revoked key lets nobody in any more", "[app][keys]") {
    KeyWorld world;
    const auto token = world.add();
    world.begin();
    CHECK(world.authenticate.known(token));
    world.store.keys.at(token.prefix).key.revoked_at = wall_clock();
    world.loop.advance(Authenticate::kInterval);
    CHECK_FALSE(world.authenticate.known(token));
    const auto answer = world.ask(token);
    world.loop.advance(Authenticate::kApart);
    REQUIRE(answer->has_value());
    CHECK((*answer)->error() == Errc::not_found);
}

TEST_CASE("authenticate: while the store is away nobody is let in for long", "[app][keys]") {
    KeyWorld world;
    const auto token = world.add();
    world.begin();
    world.store.failing = Errc::unavailable;
    world.loop.advance(KeyRing::kFreshFor - 1ms);
    CHECK(world.authenticate.known(token));
    world.loop.advance(2ms);
    CHECK_FALSE(world.authenticate.known(token));
    const auto answer = world.ask(token);
    world.loop.advance(Authenticate::kApart);
    REQUIRE(answer->has_value());
    CHECK((*answer)->error() == Errc::unavailable);
    world.store.failing.reset();
    world.loop.advance(Authenticate::kInterval);
    CHECK(world.authenticate.known(token));
}

TEST_CASE("authenticate: unknown keys share questions, ten a second at most", "[app][keys]") {
    KeyWorld world;
    world.begin();
    world.loop.advance(1s);
    const int before = world.store.questions;
    std::vector<std::shared_ptr<std::optional<Result<Caller>>>> answers;
    for (int tenth = 0; tenth < 10; ++tenth) {
        for (int i = 0; i < 50; ++i)
            answers.push_back(world.ask(new_key_token()));
        world.loop.advance(100ms);
    }
    world.loop.advance(200ms);
    CHECK(world.store.questions - before <= 13); // one by the clock
    for (const auto& answer : answers) {
        REQUIRE(answer->has_value());
        CHECK((*answer)->error() == Errc::not_found);
    }
}

TEST_CASE("authenticate: a question that was under way says nothing of a key made since", "[app][keys]") {
    KeyWorld world;
    world.store.gate = world.loop.clock.make_signal();
    world.begin(); // its first question is asked, and not answered
    const auto token = world.add();
    const auto answer = world.ask(token);
    world.store.gate->notify_all();
    world.loop.settle();
    CHECK_FALSE(answer->has_value());
    world.loop.advance(Authenticate::kApart);
    world.store.gate->notify_all();
    world.loop.settle();
    REQUIRE(answer->has_value());
    CHECK((*answer)->has_value());
    world.store.gate.reset();
}

TEST_CASE("authenticate: a store that says nothing is a time-out", "[app][keys]") {
    KeyWorld world;
    world.store.gate = world.loop.clock.make_signal();
    world.store.failing = Errc::timeout;
    const auto answer = world.ask(world.add());
    world.loop.advance(6s);
    REQUIRE(answer->has_value());
    CHECK((*answer)->error() == Errc::timeout);
}

TEST_CASE("authenticate: uses come to the store soon", "[app][keys]") {
    KeyWorld world;
    const auto token = world.add();
    world.begin();
    CHECK(world.authenticate.known(token));
    world.loop.advance(20s);
    CHECK(world.store.keys.at(token.prefix).key.last_used_at);
}

TEST_CASE("authenticate: where there is no key, the log says once how to make one", "[app][keys]") {
    KeyWorld world;
    world.begin();
    world.loop.advance(1min);
    const std::string event = "\"event\":\"no_api_key\"";
    const auto found = g_key_lines.find(event);
    REQUIRE(found != std::string::npos);
    CHECK(g_key_lines.find(event, found + 1) == std::string::npos);
    CHECK(g_key_lines.find("smsbcast key create") != std::string::npos);
}

TEST_CASE("authenticate: whoever waits is answered when it stops", "[app][keys]") {
    KeyWorld world;
    world.begin();
    const auto answer = world.ask(world.add());
    world.authenticate.stop();
    world.loop.advance(1s);
    REQUIRE(answer->has_value());
}
