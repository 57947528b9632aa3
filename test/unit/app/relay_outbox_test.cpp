#include "smsbcast/app/relay_outbox.hpp"
#include "support/app_fake_outbox.hpp"

using namespace smsbcast;
using namespace smsbcast::test;
using app::RelayOptions;
using app::RelayOutbox;
using std::chrono::milliseconds;
using RowState = FakeOutbox::State;

namespace {

struct RelayWorld {
    Loop loop;
    Script script{loop.io};
    FakeOutbox outbox{script, loop.clock};
    FakePublisher publisher{script, loop.clock};
    RelayOptions options;
    std::optional<RelayOutbox> relay;

    void start() {
        relay.emplace(outbox, publisher, loop.clock, options);
        loop.spawn(relay->run());
        loop.settle();
    }

    void stop() {
        relay->stop();
        REQUIRE(loop.run_dry());
    }

    /// A worker that is always quicker than the relay.
    void take_all() {
        for (auto& row : outbox.rows)
            if (row.state == RowState::queued)
                row.state = RowState::taken;
    }

    bool all_queued() const { return outbox.count(RowState::queued) == static_cast<int>(outbox.rows.size()); }
};

} // namespace

TEST_CASE("relay: what is due is published, confirmed, and only then marked", "[app][relay]") {
    RelayWorld world;
    world.outbox.put(1, 3, 100);
    world.start();
    CHECK(world.outbox.count(RowState::queued) == 3);
    CHECK(world.script.names() == std::vector<std::string>{"load", "claim", "publish", "mark", "load"});
    for (const auto& row : world.outbox.rows)
        CHECK(world.publisher.published[row.ref] == 1);
    world.stop();
}

TEST_CASE("relay: a commit wakes it at once, and it polls without one", "[app][relay]") {
    RelayWorld world;
    world.start();
    const auto idle = world.loop.clock.now();
    world.outbox.put(1, 1, 1);
    world.loop.settle();
    CHECK(world.outbox.count(RowState::queued) == 1);
    CHECK(world.loop.clock.now() == idle);

    const int loads = world.script.count("load");
    world.loop.advance(milliseconds(499));
    CHECK(world.script.count("load") == loads);
    world.loop.advance(milliseconds(1));
    CHECK(world.script.count("load") == loads + 1);
    world.stop();
}

TEST_CASE("relay: a turn fills the queue with several claims and one publish", "[app][relay]") {
    RelayWorld world;
    world.options.depth.min_messages = 2250;
    world.outbox.put(1, 100, 100);
    world.start();
    CHECK(world.outbox.claim_sizes == std::vector<int>{500, 500, 500, 500, 250});
    CHECK(world.publisher.sizes == std::vector<std::size_t>{23});
    CHECK(world.outbox.count(RowState::queued) == 23);
    world.stop();
}

TEST_CASE("relay: tickets of one message do not exceed what publish takes", "[app][relay]") {
    RelayWorld world;
    world.options.depth.min_messages = 20000;
    world.outbox.put(1, 12000, 1);
    world.start();
    REQUIRE(world.loop.advance_until([&] { return world.all_queued(); }));
    CHECK(*std::max_element(world.publisher.sizes.begin(), world.publisher.sizes.end()) <= 10000);
    world.stop();
}

TEST_CASE("relay: the queue stays shallow", "[app][relay]") {
    RelayWorld world;
    world.outbox.put(1, 100, 100);
    world.start();
    world.loop.advance(milliseconds(200));
    CHECK(world.outbox.count(RowState::queued) == 10);

    const int claims = world.script.count("claim");
    world.take_all();
    world.loop.advance(milliseconds(20));
    CHECK(world.script.count("claim") > claims);
    CHECK(world.outbox.count(RowState::queued) >= 10);
    world.stop();
}

TEST_CASE("relay: a broadcast of a million is not limited by round trips", "[app][relay]") {
    RelayWorld world;
    world.publisher.confirm_after = milliseconds(20);
    world.outbox.put(1, 10000, 100);
    world.start();
    const auto begun = world.loop.clock.now();
    REQUIRE(world.loop.advance_until([&] {
        world.take_all();
        return world.outbox.count(RowState::due) == 0;
    }));
    const double seconds = std::chrono::duration<double>(world.loop.clock.now() - begun).count();
    CHECK(1'000'000 / seconds > 50'000);
    world.stop();
}

TEST_CASE("relay: without a connection nothing is claimed", "[app][relay]") {
    RelayWorld world;
    world.publisher.up = false;
    world.outbox.put(1, 1, 1);
    world.start();
    world.loop.advance(std::chrono::seconds(10));
    CHECK(world.script.calls() == 0);
    world.publisher.up = true;
    world.loop.advance(std::chrono::seconds(2));
    CHECK(world.all_queued());
    world.stop();
}

TEST_CASE("relay: refused and unsettled tickets are released and published again", "[app][relay]") {
    const auto outcome = GENERATE(PublishOutcome::refused, PublishOutcome::unsettled);
    RelayWorld world;
    world.outbox.put(1, 3, 10);
    world.publisher.outcome = [&](const TicketRef& ref) {
        return ref.id == ticket_id(1) && world.publisher.published[ref] < 4 ? outcome : PublishOutcome::confirmed;
    };
    world.start();
    CHECK(world.outbox.count(RowState::queued) == 2);
    CHECK(world.outbox.count(RowState::due) == 1);
    REQUIRE(world.loop.advance_until([&] { return world.all_queued(); }));
    CHECK(world.publisher.published[TicketRef{ticket_id(0), 0}] == 1);
    CHECK(world.publisher.published[TicketRef{ticket_id(1), 0}] == 4);
    world.stop();
}

TEST_CASE("relay: failures are waited out, longer and longer", "[app][relay]") {
    RelayWorld world;
    world.script.fail_while([](std::string_view name) { return name == "load"; });
    world.outbox.put(1, 1, 1);
    world.start();
    world.loop.advance(std::chrono::seconds(60));
    const int loads = world.script.count("load");
    CHECK(loads >= 30); // 2 s at most
    CHECK(loads <= 70); // 1 s at least, once it has grown
    world.script.stop_failing();
    world.loop.advance(std::chrono::seconds(2));
    CHECK(world.all_queued());
    world.stop();
}

TEST_CASE("relay: whatever single call fails, everything gets into the queue", "[app][relay]") {
    const auto fault = GENERATE(Fault::not_done, Fault::done);
    for (int number = 1;; ++number) {
        RelayWorld world;
        world.options.depth.min_messages = 100;
        world.script.fail_call(number, fault);
        world.outbox.put(1, 10, 20);
        world.outbox.put(2, 1, 1);
        world.publisher.on_publish = [&] { world.take_all(); };
        world.start();
        INFO("call " << number << " of " << world.script.calls());
        REQUIRE(world.loop.advance_until([&] {
            world.take_all();
            return world.outbox.count(RowState::taken) == 11;
        }));
        int published = 0;
        for (const auto& [ref, times] : world.publisher.published)
            published += times;
        CHECK(published <= 11 + 5);
        const bool reached = world.script.calls() >= number;
        world.stop();
        CHECK(world.outbox.count(RowState::claimed) == 0);
        if (!reached)
            break;
    }
}

TEST_CASE("relay: a stop leaves nothing claimed behind", "[app][relay]") {
    for (int steps = 0; steps < 150; ++steps) {
        RelayWorld world;
        world.outbox.put(1, 30, 100);
        world.relay.emplace(world.outbox, world.publisher, world.loop.clock, world.options);
        world.loop.spawn(world.relay->run());
        for (int i = 0; i < steps; ++i)
            world.loop.io.poll_one();
        world.stop();
        INFO("stopped after " << steps << " steps");
        CHECK(world.outbox.count(RowState::claimed) == 0);
        CHECK(world.outbox.count(RowState::due) + world.outbox.count(RowState::queued) == 30);
    }
}

TEST_CASE("relay: a stop does not wait for a long poll", "[app][relay]") {
    RelayWorld world;
    world.options.poll_interval = std::chrono::minutes(5);
    world.start();
    world.relay->stop();
    CHECK(world.loop.run_dry(milliseconds(250)));
}
