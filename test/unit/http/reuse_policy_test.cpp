#include "http/client/reuse_policy.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <vector>

using namespace smsbcast::http;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

using Use = ReusePolicy::Use;
using UseOutcome = ReusePolicy::Outcome;

class World {
public:
    Use judge(std::uint32_t answers, milliseconds idle = 0ms) const { return policy.judge({answers, idle}, now); }

    // One use from its beginning to its end, if it is allowed.
    Use use(std::uint32_t answers, UseOutcome outcome = UseOutcome::answered, milliseconds idle = 0ms) {
        const auto allowed = judge(answers, idle);
        policy.begin(allowed);
        distrusted += policy.end(allowed, {answers, idle}, outcome, now) ? 1 : 0;
        return allowed;
    }

    void trust() {
        use(1, UseOutcome::answered, 20ms);
        for (std::uint32_t answers = 2; answers <= 400; ++answers)
            use(answers);
        for (int i = 0; i < 20; ++i)
            use(1);
    }

    ReusePolicy policy{20ms};
    ReusePolicy::Time now{std::chrono::hours(1)};
    int distrusted = 0;
};

/// Sends messages over connections that are used 64 at a time, to an origin of which `closes(connection, answers)`
/// tells whether it closes a connection after that answer. Gives how many are lost, and how many connections were
/// opened.
struct Sent {
    int lost = 0;
    int opened = 0;
};

Sent send(World& world, int messages, milliseconds round, const std::function<bool(int, std::uint32_t)>& closes) {
    struct Connection {
        int id;
        std::uint32_t answers;
        Use use;
    };
    Sent sent;
    std::vector<Connection> kept;
    while (messages > 0) {
        std::vector<Connection> under_way;
        for (; under_way.size() < 64 && messages > 0; --messages) {
            Connection connection{sent.opened, 0, Use::none};
            const auto use = kept.empty() ? Use::none : world.judge(kept.back().answers);
            if (use != Use::none && use != Use::settle) {
                connection = {kept.back().id, kept.back().answers, use};
                world.policy.begin(use);
            } else {
                ++sent.opened;
            }
            if (!kept.empty())
                kept.pop_back();
            under_way.push_back(connection);
        }
        world.now += round;
        kept.clear();
        for (auto& connection : under_way) {
            const bool gone = connection.answers > 0 && closes(connection.id, connection.answers);
            sent.lost += gone ? 1 : 0;
            world.policy.end(connection.use, {connection.answers, 0ms}, gone ? UseOutcome::lost : UseOutcome::answered,
                             world.now);
            ++connection.answers;
            if (!gone)
                kept.push_back(connection);
        }
    }
    return sent;
}

} // namespace

TEST_CASE("nothing is used again before one connection was tried", "[http_client]") {
    World w;
    CHECK(w.judge(1) == Use::settle);
    CHECK(w.judge(1, 19ms) == Use::settle);
    CHECK(w.judge(1, 20ms) == Use::trial);
    w.policy.begin(GENERATE(Use::trial, Use::settle));
    CHECK(w.judge(1, 20ms) == Use::none); // one at a time
    w.policy.end(Use::trial, {1, 20ms}, UseOutcome::answered, w.now);
    CHECK(w.judge(1) == Use::first);
    CHECK(w.judge(2) == Use::trial); // nothing has to settle any more
    CHECK(w.judge(3) == Use::trial);
}

TEST_CASE("more and more connections are used again as it goes well", "[http_client]") {
    World w;
    w.use(1, UseOutcome::answered, 20ms);
    int at_once = 0;
    for (; w.judge(1) == Use::first; ++at_once)
        w.policy.begin(Use::first);
    CHECK(at_once == 2);
    for (int i = 0; i < at_once; ++i)
        w.policy.end(Use::first, {1, 0ms}, UseOutcome::answered, w.now);
    for (at_once = 0; w.judge(1) == Use::first; ++at_once)
        w.policy.begin(Use::first);
    CHECK(at_once == 8);
}

TEST_CASE("an origin that keeps its connections is trusted with all of them", "[http_client]") {
    World w;
    w.trust();
    CHECK(w.judge(1) == Use::free);
    CHECK(w.judge(1'000'000'000) == Use::free);
    CHECK(w.judge(5, 1h) == Use::free);
    World other;
    other.use(1, UseOutcome::answered, 20ms);
    const auto sent = send(other, 100'000, 1ms, [](int, std::uint32_t) { return false; });
    CHECK(sent.lost == 0);
    CHECK(sent.opened < 1000);
}

TEST_CASE("an origin that closes in time is not asked again and again", "[http_client]") {
    World w;
    w.policy.found_closed({1, 20ms}, w.now);
    CHECK(w.judge(1, 20ms) == Use::none);
    w.now += 1s;
    CHECK(w.judge(1, 20ms) == Use::trial);
    w.policy.found_closed({1, 5s}, w.now); // for being idle
    CHECK(w.judge(1, 20ms) == Use::trial);
    w.trust();
    w.policy.found_closed({500, 1ms}, w.now);
    CHECK(w.judge(500) == Use::free);
    CHECK(w.distrusted == 0);
}

TEST_CASE("a loss forbids use and trials for a while, which grows", "[http_client]") {
    World w;
    w.trust();
    for (const auto pause : {1s, 4s, 16s, 64s, 256s, 600s, 600s}) {
        w.use(1, UseOutcome::lost);
        CHECK(w.judge(1, 20ms) == Use::none);
        w.now += pause - 1ms;
        CHECK(w.judge(1, 1h) == Use::none);
        w.now += 1ms;
        CHECK(w.judge(1, 19ms) == Use::settle);
        CHECK(w.judge(1, 20ms) == Use::trial);
        w.use(1, UseOutcome::answered, 20ms);
        CHECK(w.judge(1) == Use::first);
    }
    CHECK(w.distrusted == 7);
    w.now += 2h;
    w.use(1, UseOutcome::lost);
    w.now += 1s;
    CHECK(w.judge(1, 20ms) == Use::trial); // forgiven
}

TEST_CASE("the losses of one restart count once", "[http_client]") {
    World w;
    w.trust();
    for (std::uint32_t i = 1; i <= 64; ++i) {
        w.policy.begin(Use::free);
        w.distrusted += w.policy.end(Use::free, {i * 100, 0ms}, UseOutcome::lost, w.now) ? 1 : 0;
    }
    CHECK(w.distrusted == 1);
    w.policy.begin(Use::free);
    w.policy.end(Use::free, {3, 0ms}, UseOutcome::lost, w.now);
    CHECK(w.judge(2) == Use::free); // though not by their first windows
    CHECK(w.judge(3) == Use::none);
    w.now += 1s;
    CHECK(w.use(3, UseOutcome::answered, 20ms) == Use::trial);
    w.trust();
    CHECK(w.judge(1'000'000) == Use::free);
}

TEST_CASE("a limit of answers is learned by one loss", "[http_client]") {
    for (const std::uint32_t limit : {1U, 2U, 7U, 100U, 250U}) {
        INFO(limit);
        World w;
        w.use(1, limit == 1 ? UseOutcome::lost : UseOutcome::answered, 20ms);
        const auto after = [&](int, std::uint32_t answers) { return answers >= limit; };
        const auto sent = send(w, 60'000, 10ms, after);
        CHECK(sent.lost <= 2);
        CHECK(sent.opened <= 60'000 / static_cast<int>(limit) + 10'000); // these in the pause after the loss
    }
}

TEST_CASE("few are lost to an origin of which only some connections are kept", "[http_client]") {
    for (const int every : {2, 3, 10, 50}) {
        INFO("one of " << every << " is closed");
        World w;
        w.use(1, UseOutcome::answered, 20ms);
        const auto sent = send(w, 3'000, 50ms, [&](int id, std::uint32_t) { return id % every == 0; });
        CHECK(sent.lost <= 10);
    }
    World w;
    w.use(1, UseOutcome::answered, 20ms);
    std::uint32_t random = 1;
    const auto at_random = [&](int, std::uint32_t) { return (random = random * 1664525U + 1013904223U) >> 24U < 5; };
    CHECK(send(w, 3'000, 50ms, at_random).lost <= 10);
}

TEST_CASE("who closes idle connections is not asked to keep them that long", "[http_client]") {
    World w;
    w.trust();
    w.use(5, UseOutcome::lost, 5s);
    CHECK(w.distrusted == 0);
    CHECK(w.judge(5, 2500ms) == Use::free);
    CHECK(w.judge(5, 2501ms) == Use::none);
    w.use(5, UseOutcome::lost, 2s);
    CHECK(w.judge(5, 1001ms) == Use::none);
    w.now += 11min;
    CHECK(w.judge(5, 5s) == Use::free);
}

TEST_CASE("what ended otherwise teaches nothing, and frees its place", "[http_client]") {
    World w;
    CHECK(w.use(1, UseOutcome::other, 20ms) == Use::trial);
    CHECK(w.judge(1) == Use::settle);
    CHECK(w.use(1, UseOutcome::answered, 20ms) == Use::trial);
    CHECK(w.use(1, UseOutcome::other) == Use::first);
    CHECK(w.use(1, UseOutcome::other) == Use::first);
    CHECK(w.use(1, UseOutcome::other) == Use::first);
    CHECK(w.distrusted == 0);
}
