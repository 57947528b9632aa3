#include "http/server/turns.hpp"

#include "smsbcast/runtime/task_group.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace smsbcast;
using namespace smsbcast::http;

namespace {

struct TurnsWorld {
    runtime::asio::io_context shard{1};
    runtime::TaskGroup tasks{shard};
    Turns turns{shard, 2};
    std::vector<std::string> seen;

    static runtime::Awaitable<> take(TurnsWorld& world, std::string name, Deadline deadline) {
        const bool taken = co_await world.turns.take(deadline);
        world.seen.push_back(name.append(taken ? " in" : " out"));
    }
    void spawn(const std::string& name, Deadline deadline = Deadline::after(std::chrono::minutes(5))) {
        tasks.spawn(name, [this, name, deadline] { return take(*this, name, deadline); });
    }
    std::vector<std::string> poll() {
        shard.restart();
        shard.poll();
        return std::exchange(seen, {});
    }
};

using Seen = std::vector<std::string>;

} // namespace

TEST_CASE("so many have a turn at once, the others get theirs in order", "[turns]") {
    TurnsWorld world;
    for (const char* name : {"a", "b", "c", "d"})
        world.spawn(name);
    CHECK(world.poll() == Seen{"a in", "b in"});
    world.turns.give_back();
    CHECK(world.poll() == Seen{"c in"});
    world.turns.give_back();
    world.turns.give_back();
    CHECK(world.poll() == Seen{"d in"});
    world.spawn("e");
    world.spawn("f");
    CHECK(world.poll() == Seen{"e in"});
    world.turns.give_back();
    CHECK(world.poll() == Seen{"f in"});
}

TEST_CASE("who waits too long for a turn goes without one", "[turns]") {
    TurnsWorld world;
    world.spawn("a");
    world.spawn("b");
    CHECK(world.poll() == Seen{"a in", "b in"});
    world.spawn("late", Deadline(Deadline::Clock::now()));
    world.shard.restart();
    world.shard.run();
    CHECK(world.poll() == Seen{"late out"});
    world.turns.give_back();
    world.spawn("c");
    CHECK(world.poll() == Seen{"c in"});
}
