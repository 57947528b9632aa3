#include "smsbcast/app/sweep.hpp"
#include "smsbcast/base/log.hpp"
#include "support/app_fake_outbox.hpp"

#include <algorithm>
#include <span>

using namespace smsbcast;
using namespace smsbcast::test;
using app::Sweep;
using app::SweepOptions;

namespace {

using Moved = asio::awaitable<Result<std::int64_t>>;

std::string g_logged;

class FakeHousekeeping : public Housekeeping {
public:
    explicit FakeHousekeeping(Script& script) : script_(script) {}

    Moved expire_leases(std::chrono::milliseconds, Deadline) override { return step("expire_leases"); }
    Moved requeue_lost(std::chrono::milliseconds after, Loss loss, Deadline) override {
        requeued_after = after;
        suspected = loss == Loss::suspected;
        requeues.push_back(after);
        return step("requeue_lost");
    }
    Moved match_inbox(Deadline) override { return step("match_inbox"); }
    Moved purge_inbox(std::chrono::milliseconds, Deadline) override { return step("purge_inbox"); }
    Moved finish_cancels(std::chrono::milliseconds, Deadline) override { return step("finish_cancels"); }
    Moved expire_broadcasts(std::chrono::milliseconds, Deadline) override { return step("expire_broadcasts"); }
    Moved end_unresolved(Deadline) override { return step("end_unresolved"); }
    Moved complete(Deadline) override { return step("complete"); }
    asio::awaitable<Result<ReceiptSigns>> receipt_signs(Deadline) override {
        ++looks;
        co_return signs;
    }

    int looks = 0;
    ReceiptSigns signs{0, true};
    std::map<std::string, int> work; ///< calls that still find something
    std::optional<Errc> failure;
    std::chrono::milliseconds requeued_after{};
    bool suspected = false;
    std::vector<std::chrono::milliseconds> requeues;

private:
    Moved step(std::string name) {
        const auto fault = co_await script_.call(name);
        if (fault)
            co_return failure ? make_error_code(*failure) : script_.error(*fault);
        if (work[name] == 0)
            co_return 0;
        --work[name];
        co_return 10;
    }

    Script& script_;
};

struct SweepWorld {
    Loop loop;
    Script script{loop.io};
    FakeHousekeeping housekeeping{script};
    FakePublisher queue{script, loop.clock};
    Sweep sweep{housekeeping, queue, loop.clock, SweepOptions{}};

    bool round() { return run(loop, sweep.round()); }
};

const std::vector<std::string> kRound{"expire_leases",  "waiting",           "requeue_lost",   "match_inbox",
                                      "finish_cancels", "expire_broadcasts", "end_unresolved", "complete"};

} // namespace

TEST_CASE("sweep: a round does every step, and purges once a minute", "[app][sweep]") {
    SweepWorld world;
    CHECK(world.round());
    auto expected = kRound;
    expected.push_back("purge_inbox");
    CHECK(world.script.names() == expected);

    world.loop.advance(std::chrono::seconds(59));
    CHECK(world.round());
    CHECK(world.script.count("purge_inbox") == 1);
    world.loop.advance(std::chrono::seconds(1));
    CHECK(world.round());
    CHECK(world.script.count("purge_inbox") == 2);
}

TEST_CASE("sweep: a step is repeated until it finds nothing, within bounds", "[app][sweep]") {
    SweepWorld world;
    world.housekeeping.work["match_inbox"] = 3;
    CHECK(world.round());
    CHECK(world.script.count("match_inbox") == 4);
    CHECK(world.script.count("complete") == 1);

    world.housekeeping.work["expire_leases"] = 1'000'000;
    CHECK(world.round());
    CHECK(world.script.count("expire_leases") < 200);
    CHECK(world.script.count("complete") == 2);
}

TEST_CASE("sweep: a ticket counts as lost soon while the queue is empty, and late while it is not", "[app][sweep]") {
    SweepWorld world;
    world.queue.depth = 1;
    CHECK(world.round());
    CHECK(world.housekeeping.requeued_after == std::chrono::minutes(5));
    CHECK(world.housekeeping.suspected);

    world.script.fail_while([](std::string_view name) { return name == "waiting"; });
    CHECK(world.round());
    CHECK(world.script.count("requeue_lost") == 1);
    CHECK(world.script.count("complete") == 2);

    world.script.stop_failing();
    world.queue.depth = 0;
    CHECK(world.round());
    CHECK(world.housekeeping.requeued_after == SweepOptions{}.queued_recheck);
}

TEST_CASE("sweep: a queue that began empty has lost what was queued before, and only that", "[app][sweep]") {
    SweepWorld world;
    Sweep sweep{world.housekeeping, world.queue, world.loop.clock, SweepOptions{.queue_begins_empty = true}};
    world.loop.advance(std::chrono::seconds(3));
    world.script.fail_while([](std::string_view name) { return name == "requeue_lost"; });
    CHECK_FALSE(run(world.loop, sweep.round()));
    world.script.stop_failing();
    world.housekeeping.work["requeue_lost"] = 2;
    CHECK(run(world.loop, sweep.round()));
    // Two that found some and one that found none; then the look that it always is.
    const std::vector<std::chrono::milliseconds> own(3, std::chrono::seconds(3));
    CHECK(std::ranges::equal(own, std::span(world.housekeeping.requeues).last(4).first(3)));
    CHECK(world.housekeeping.requeued_after == SweepOptions{}.queued_recheck);
}

namespace {
std::string g_sweep_lines;
}

TEST_CASE(
    "sweep: tickets that the queue lost are told with the likely cause, those of a process that ended are ordinary",
    "[app][sweep]") {
    SweepWorld world;
    Sweep sweep{world.housekeeping, world.queue, world.loop.clock, SweepOptions{.queue_begins_empty = true}};
    const auto requeued = [&] {
        g_sweep_lines.clear();
        world.housekeeping.work["requeue_lost"] = 2;
        CHECK(run(world.loop, sweep.round()));
        return g_sweep_lines;
    };
    log::set_sink([](std::string_view line) { g_sweep_lines += line; });
    CHECK_THAT(requeued(), Catch::Contains("\"level\":\"info\"") &&
                               Catch::Contains("\"event\":\"tickets_requeued\",\"count\":20}") &&
                               !Catch::Contains("warn"));
    CHECK_THAT(requeued(),
               Catch::Contains("\"level\":\"warn\"") &&
                   Catch::Contains("\"event\":\"tickets_requeued\",\"count\":20,\"reason\":\"no worker takes"));
}

TEST_CASE("sweep: rows that cannot be changed do not stop the other steps", "[app][sweep]") {
    SweepWorld world;
    world.script.fail_while([](std::string_view name) { return name == "expire_leases"; });
    for (const auto error : {Errc::refused, Errc::internal}) {
        world.housekeeping.failure = error;
        CHECK(world.round());
    }
    CHECK(world.script.count("complete") == 2);
    CHECK(world.script.count("purge_inbox") == 1);
    world.loop.advance(std::chrono::seconds(20));
    CHECK_FALSE(world.sweep.stalled());
}

TEST_CASE("sweep: that no step succeeds for ten seconds is told", "[app][sweep]") {
    SweepWorld world;
    world.script.fail_while([](std::string_view) { return true; });
    CHECK_FALSE(world.round());
    world.loop.advance(std::chrono::seconds(9));
    CHECK_FALSE(world.round());
    CHECK_FALSE(world.sweep.stalled());
    world.loop.advance(std::chrono::seconds(1));
    CHECK(world.sweep.stalled());
    world.script.stop_failing();
    CHECK(world.round());
    CHECK_FALSE(world.sweep.stalled());
}

TEST_CASE("sweep: that no receipt comes at all is logged once, and that the first one came", "[app][sweep]") {
    SweepWorld world;
    g_logged.clear();
    log::set_sink([](std::string_view line) { g_logged.append(line); }); // until the world ends
    const auto logged = [](std::string_view event) {
        int count = 0;
        for (auto at = g_logged.find(event); at != std::string::npos; at = g_logged.find(event, at + 1))
            ++count;
        return count;
    };
    Sweep sweep{world.housekeeping, world.queue, world.loop.clock,
                SweepOptions{.webhook_url = "http://me:***@here/dlr"}};
    world.housekeeping.signs = {1234, false};
    CHECK(run(world.loop, sweep.round()));
    CHECK(logged("no_receipts") == 0);
    for (int i = 0; i < 3; ++i) {
        world.loop.advance(std::chrono::seconds(30));
        CHECK(run(world.loop, sweep.round()));
        CHECK(run(world.loop, sweep.round()));
    }
    CHECK(logged("no_receipts") == 1);
    CHECK(
        logged(
            R"("level":"warn","role":"","event":"no_receipts","accepted":1234,"webhook_url":"http://me:***@here/dlr")") ==
        1);
    CHECK(world.housekeeping.looks == 4);

    world.housekeeping.signs = {1200, true};
    world.loop.advance(std::chrono::seconds(30));
    CHECK(run(world.loop, sweep.round()));
    world.loop.advance(std::chrono::hours(1));
    CHECK(run(world.loop, sweep.round()));
    CHECK(logged("receipts_arrive") == 1);
    CHECK(world.housekeeping.looks == 5);
}

TEST_CASE("sweep: a database that does not answer ends the round, a lost race only the step", "[app][sweep]") {
    SweepWorld world;
    world.script.fail_while([](std::string_view name) { return name == "match_inbox"; });
    CHECK_FALSE(world.round());
    CHECK(world.script.count("complete") == 0);
    CHECK(world.script.count("purge_inbox") == 0);

    world.housekeeping.failure = Errc::retry;
    CHECK(world.round());
    CHECK(world.script.count("complete") == 1);
    CHECK(world.script.count("purge_inbox") == 1);
}

TEST_CASE("sweep: runs once an interval, goes on after failures, and stops at once", "[app][sweep]") {
    SweepWorld world;
    world.script.fail_while([](std::string_view name) { return name == "expire_leases"; });
    world.loop.spawn(world.sweep.run());
    world.loop.advance(std::chrono::seconds(5));
    CHECK(world.script.count("expire_leases") == 6);
    world.script.stop_failing();
    world.loop.advance(std::chrono::seconds(1));
    CHECK(world.script.count("complete") == 1);

    const auto before = world.loop.clock.now();
    world.sweep.stop();
    CHECK(world.loop.run_dry());
    CHECK(world.loop.clock.now() == before);
}

TEST_CASE("sweep: a stop in the middle of a step ends after that call", "[app][sweep]") {
    SweepWorld world;
    world.housekeeping.work["expire_leases"] = 1'000'000;
    world.loop.spawn(world.sweep.run());
    for (int i = 0; i < 5; ++i)
        world.loop.io.poll_one();
    world.sweep.stop();
    CHECK(world.loop.run_dry());
    CHECK(world.script.calls() <= 5);
}
