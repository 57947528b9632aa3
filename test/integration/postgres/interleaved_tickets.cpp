#include "interleaved.hpp"

// Who has a ticket: relay, queue, workers and sweepers, interleaved. At most one has it, and what an attempt that lost
// it still has to say changes nothing.

namespace smsbcast::test {

namespace {

class Tickets : public Interleaved {
public:
    TakenTicket old, ticket;
    std::vector<TicketRef> waiting;
    std::vector<TakenTicket> one_took, other_took;
    const WorkerId one{new_uuid()}, other{new_uuid()};

    void claimed(StoreDriver& driver) {
        forget(driver);
        waiting = refs(driver.claim());
    }
    void queued(StoreDriver& driver) {
        forget(driver);
        waiting = driver.queue();
    }
    void held(StoreDriver& driver) {
        forget(driver);
        ticket = driver.take_due();
    }
    void lapsed(StoreDriver& driver) {
        held(driver);
        let_time_pass();
    }
    void lapsed_after_mark(StoreDriver& driver) {
        held(driver);
        driver.mark_in_flight({ticket.ref});
        let_time_pass();
    }
    /// `old` lost it, it is in the queue once more.
    void lost_and_queued(StoreDriver& driver) {
        lapsed(driver);
        driver.expire_leases();
        old = ticket;
        waiting = driver.queue();
    }
    auto take() {
        return [this](GatedStores& stores) { return stores.take(waiting, one, one_took); };
    }
    std::string takers(StoreDriver& driver) {
        return std::to_string(one_took.size() + other_took.size()) + " took it, " + statuses(driver);
    }
    auto statuses_alone() {
        return [this](StoreDriver& driver) { return statuses(driver); };
    }

private:
    void forget(StoreDriver& driver) {
        one_took.clear(), other_took.clear();
        create(driver, 2);
    }
};

} // namespace

TEST_CASE_METHOD(Tickets, "two that take a ticket, interleaved", "[postgres][interleaved]") {
    const auto prepare = [this](StoreDriver& driver) { queued(driver); };
    run({"two workers",
         prepare,
         take(),
         [this](GatedStores& stores) { return stores.take(waiting, other, other_took); },
         [this](StoreDriver& driver) {
             const auto& winner = one_took.empty() ? other_took : one_took;
             CHECK(winner.at(0).ref.fence == 1);
             CHECK(winner.at(0).messages.size() == 2);
             return takers(driver);
         },
         {"1 took it, sending sending"}});
    run({"one worker that asks again",
         prepare,
         take(),
         [this](GatedStores& stores) { return stores.take(waiting, one, other_took); },
         [this](StoreDriver& driver) {
             CHECK(refs(one_took) == refs(other_took));
             return takers(driver);
         },
         {"2 took it, sending sending"}});
}

TEST_CASE_METHOD(Tickets, "two that claim a ticket, interleaved", "[postgres][interleaved]") {
    std::vector<ClaimedTicket> one_has, other_has;
    run({"two relays",
         [&](StoreDriver& driver) {
             one_has.clear(), other_has.clear();
             create(driver, 2);
         },
         [&](GatedStores& stores) { return stores.claim(one_has); },
         [&](GatedStores& stores) { return stores.claim(other_has); },
         [&](StoreDriver& driver) {
             return std::to_string(one_has.size() + other_has.size()) + " claimed it, " + statuses(driver);
         },
         {"1 claimed it, pending pending"}});
}

TEST_CASE_METHOD(Tickets, "taking and the relay, interleaved", "[postgres][interleaved]") {
    run({"confirmed",
         [this](StoreDriver& driver) { claimed(driver); },
         take(),
         [this](GatedStores& stores) { return stores.mark_queued(waiting); },
         [this](StoreDriver& driver) {
             CHECK_FALSE(driver.load().work_due);
             return takers(driver);
         },
         {"1 took it, sending sending"}});
    run({"lost by the queue",
         [this](StoreDriver& driver) { queued(driver); },
         take(),
         [](GatedStores& stores) { return stores.requeue_lost(); },
         [this](StoreDriver& driver) {
             CHECK_FALSE(driver.load().work_due);
             return takers(driver);
         },
         {"1 took it, sending sending"}});
}

TEST_CASE_METHOD(Tickets, "taking and commands, interleaved", "[postgres][interleaved]") {
    const auto prepare = [this](StoreDriver& driver) { queued(driver); };
    run({"paused",
         prepare,
         take(),
         [this](GatedStores& stores) { return stores.command(broadcast, BroadcastCommand::pause); },
         [this](StoreDriver& driver) {
             const auto end = takers(driver);
             CHECK(driver.get(broadcast).status == BroadcastStatus::paused);
             driver.command(broadcast, BroadcastCommand::resume);
             for (const auto& taken : one_took)
                 driver.give_back({taken.ref});
             CHECK(driver.take(driver.queue()).size() == 1); // neither in two hands nor in none
             return end;
         },
         {"1 took it, sending sending", "0 took it, pending pending"}});
    run({"canceled",
         prepare,
         take(),
         [this](GatedStores& stores) { return stores.cancel(broadcast); },
         [this](StoreDriver& driver) {
             const auto end = takers(driver);
             for (const auto& taken : one_took)
                 driver.give_back({taken.ref});
             driver.finish_cancels();
             CHECK(statuses(driver) == "canceled canceled");
             CHECK(driver.get(broadcast).status == BroadcastStatus::canceled);
             return end;
         },
         {"1 took it, sending sending", "0 took it, canceled canceled"}});
}

TEST_CASE_METHOD(Tickets, "an attempt that lost its ticket and the next one, interleaved", "[postgres][interleaved]") {
    const auto prepare = [this](StoreDriver& driver) { lost_and_queued(driver); };
    const std::set<std::string> ends{"1 took it, sending sending"};
    const auto end = [this](StoreDriver& driver) {
        CHECK(one_took.at(0).ref == TicketRef{old.ref.id, 2});
        CHECK(one_took.at(0).messages.size() == 2);
        CHECK(count("attempts") == 0);
        return takers(driver);
    };
    using Outcome = MessageResult (*)(const TakenTicket&, std::size_t);
    const std::pair<const char*, Outcome> outcomes[] = {
        {"accepted late", [](const TakenTicket& taken, std::size_t place) { return accepted(taken, place); }},
        {"rejected late", [](const TakenTicket& taken, std::size_t place) { return rejected(taken, place); }},
        {"without an answer", [](const TakenTicket& taken, std::size_t place) { return uncertain(taken, place); }},
        {"not sent", [](const TakenTicket& taken, std::size_t place) { return not_sent(taken, place); }},
    };
    for (const auto& [name, outcome] : outcomes)
        run({name, prepare, take(),
             [this, made = outcome](GatedStores& stores) {
                 return stores.record({made(old, 0), made(old, 1)});
             },
             end, ends});
    run({"given back late", prepare, take(), [this](GatedStores& stores) { return stores.give_back({old.ref}); }, end,
         ends});
    std::vector<TicketRef> begun;
    run({"begun late", prepare, take(), [&](GatedStores& stores) { return stores.mark_in_flight({old.ref}, begun); },
         [&](StoreDriver& driver) {
             CHECK(begun.empty());
             return end(driver);
         },
         ends});
    LeaseReport report;
    run({"renewed late", prepare, take(), [&](GatedStores& stores) { return stores.renew({old.ref}, report); },
         [&](StoreDriver& driver) {
             CHECK(report.lost == std::vector{old.ref.id});
             return end(driver);
         },
         ends});
}

TEST_CASE_METHOD(Tickets, "results of one ticket, interleaved", "[postgres][interleaved]") {
    const auto prepare = [this](StoreDriver& driver) { held(driver); };
    const auto accept = [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); };
    run({"the same twice", prepare, accept, accept, statuses_alone(), {"sent sent"}});
    run({"accepted or rejected",
         prepare,
         accept,
         [this](GatedStores& stores) {
             return stores.record({rejected(ticket, 1), rejected(ticket, 0)});
         },
         statuses_alone(),
         {"sent sent", "failed failed"}});
    run({"of different messages",
         prepare,
         [this](GatedStores& stores) { return stores.record({accepted(ticket, 0)}); },
         [this](GatedStores& stores) { return stores.record({not_sent(ticket, 1, kLong)}); },
         [this](StoreDriver& driver) {
             CHECK(count("outbox") == 1);
             return statuses(driver);
         },
         {"sent pending"}});
    LeaseReport report;
    run({"renewed",
         prepare,
         [this](GatedStores& stores) { return stores.record({accepted(ticket, 0)}); },
         [&](GatedStores& stores) { return stores.renew({ticket.ref}, report); },
         statuses_alone(),
         {"sent sending"}});
}

} // namespace smsbcast::test
