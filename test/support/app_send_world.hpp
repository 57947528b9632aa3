#pragma once

#include "smsbcast/app/send_messages.hpp"
#include "support/app_fake_consumer.hpp"
#include "support/app_fake_provider.hpp"
#include "support/app_fake_ticket_store.hpp"

namespace smsbcast::test {

/// A worker among fakes. Checks at every acknowledgement that nothing is owed for the ticket any more.
struct SendWorld {
    Loop loop;
    Script script{loop.io};
    FakeTicketStore store{script, loop.clock};
    FakeConsumer consumer{script, loop.clock};
    FakeProvider provider{loop.io, loop.clock};
    app::LaneOptions lane = default_lane();
    app::SendOptions options;
    std::optional<app::SendMessages> sender;
    bool early_acks = false; ///< for tests of tickets that are lost, or delivered twice

    static app::LaneOptions default_lane() {
        app::LaneOptions lane;
        lane.retry.unknown_policy = UnknownPolicy::resend_same_key;
        return lane;
    }

    void start(int submit_loops) {
        make();
        run_loops(submit_loops);
    }

    void make() {
        consumer.on_acknowledge = [this](const TicketRef& delivered) {
            // A take whose answer was lost looks like one that gave nothing; the lease of such a ticket lapses.
            if (!early_acks && script.lost_answer() != "take")
                CHECK_FALSE(store.open_for(delivered));
        };
        CHECK(run(loop, provider.start(loop.clock.in(std::chrono::seconds(1)))));
        const std::vector<app::LaneSetup> lanes{{consumer, provider, lane}};
        sender.emplace(lanes, store, loop.clock, options);
    }

    void run_loops(int submit_loops, std::size_t of_lane = 0) {
        loop.spawn(sender->take(of_lane));
        loop.spawn(sender->mark_in_flight(of_lane));
        loop.spawn(sender->record(of_lane));
        loop.spawn(sender->keep(of_lane));
        for (int i = 0; i < submit_loops; ++i)
            loop.spawn(sender->submit(of_lane));
    }

    /// Puts a ticket into the store and its delivery into the queue.
    TicketRef deliver(int ticket, int broadcast, int messages) {
        const TicketRef ref = store.put(ticket, broadcast, messages);
        consumer.deliver(ref);
        return ref;
    }

    bool all_acknowledged() const {
        return consumer.count(FakeConsumer::State::acknowledged) == static_cast<int>(consumer.deliveries.size());
    }

    void stop(std::chrono::nanoseconds grace = std::chrono::seconds(25)) {
        sender->stop(loop.clock.in(grace));
        CHECK(loop.run_dry(grace + std::chrono::seconds(15)));
    }

    /// At the end: nothing in hand, every delivery settled, and what is not recorded was not submitted.
    void check_settled() {
        CHECK(loop.running() == 0);
        CHECK(sender->in_hand() == 0);
        CHECK(consumer.count(FakeConsumer::State::handed_out) == 0);
        for (const auto& [id, row] : store.rows)
            for (const auto& message : row.open)
                CHECK_FALSE(provider.submitted.contains(message.id));
        for (const auto& [id, times] : provider.submitted) {
            CHECK(times == 1);
            CHECK(store.recorded.contains(id));
        }
    }
};

} // namespace smsbcast::test
