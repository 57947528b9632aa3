#include "smsbcast/runtime/task_group.hpp"
#include "smsbcast/runtime/wakeup.hpp"

#include <catch2/catch.hpp>

using namespace smsbcast;
using namespace smsbcast::runtime;
using namespace std::chrono_literals;

namespace {

Awaitable<> wait_for(Wakeup& wakeup, Deadline deadline, std::vector<bool>& results) {
    const bool notified = co_await wakeup.wait(deadline);
    results.push_back(notified);
}

Awaitable<> join_and_note(TaskGroup& group, Deadline deadline, std::optional<bool>& joined) {
    joined = co_await group.join(deadline);
}

} // namespace

TEST_CASE("a task begins from the loop and leaves the group when it ends", "[runtime][tasks]") {
    asio::io_context shard{1};
    TaskGroup group(shard);
    Wakeup wakeup(shard);
    std::vector<bool> results;
    group.spawn("waits", [&] { return wait_for(wakeup, Deadline::after(10s), results); });
    CHECK(group.running() == 1);
    CHECK(results.empty());
    shard.poll();
    wakeup.notify_all();
    shard.run();
    CHECK(results == std::vector{true});
    CHECK(group.running() == 0);
}

TEST_CASE("a wait ends at its deadline without a notification", "[runtime][wakeup]") {
    asio::io_context shard{1};
    TaskGroup group(shard);
    Wakeup wakeup(shard);
    std::vector<bool> results;
    group.spawn("waits", [&] { return wait_for(wakeup, Deadline::after(1ms), results); });
    shard.run();
    CHECK(results == std::vector{false});
    wakeup.notify_all(); // nobody waits any more
}

TEST_CASE("notify_one resumes one, in order of arrival", "[runtime][wakeup]") {
    asio::io_context shard{1};
    TaskGroup group(shard);
    Wakeup wakeup(shard);
    std::vector<bool> first, second;
    group.spawn("first", [&] { return wait_for(wakeup, Deadline::after(10s), first); });
    group.spawn("second", [&] { return wait_for(wakeup, Deadline::after(10s), second); });
    shard.poll();
    wakeup.notify_one();
    shard.poll();
    CHECK(first.size() == 1);
    CHECK(second.empty());
    wakeup.notify_one();
    shard.run();
    CHECK(second.size() == 1);
}

TEST_CASE("join waits for all and gives up at its deadline", "[runtime][tasks]") {
    asio::io_context shard{1};
    Wakeup wakeup(shard);
    std::vector<bool> results;
    std::optional<bool> early, late;
    TaskGroup group(shard), joiners(shard);
    group.spawn("waits", [&] { return wait_for(wakeup, Deadline::after(10s), results); });
    joiners.spawn("early", [&] { return join_and_note(group, Deadline::after(1ms), early); });
    while (!early)
        shard.run_one();
    CHECK(early == false);
    joiners.spawn("late", [&] { return join_and_note(group, Deadline::after(10s), late); });
    shard.poll();
    wakeup.notify_all();
    shard.run();
    CHECK(late == true);
}
