#include "interleaved.hpp"

// The sweepers, interleaved with workers, receipts, commands and each other.

namespace smsbcast::test {

namespace {

class Sweeps : public Interleaved {
public:
    TakenTicket ticket;

    void held(StoreDriver& driver, int recipients = 2) {
        create(driver, recipients);
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
    /// Held for the second time by a worker that does not begin, and flagged.
    void lapsed_once_more(StoreDriver& driver) {
        create(driver, 2);
        for (int time = 0; time < 2; ++time) {
            driver.expire_leases();
            ticket = driver.take_as(driver.worker(), driver.queue(), kLong, Handover::flagged).at(0);
            let_time_pass();
        }
    }
    /// Nobody knows what became of them, and their time is up.
    void unresolved(StoreDriver& driver) {
        held(driver);
        auto results = std::vector{uncertain(ticket, 0), uncertain(ticket, 1)};
        for (std::size_t place = 0; place < 2; ++place) {
            results[place].provider_id = "p-" + std::to_string(place);
            results[place].references = {*results[place].provider_id};
        }
        driver.record(results);
        let_time_pass();
    }
    /// Waiting after an attempt without an answer, in a broadcast that is being canceled.
    void canceling_retries(StoreDriver& driver) {
        held(driver);
        driver.record({resend(ticket, 0), resend(ticket, 1)});
        driver.command(broadcast, BroadcastCommand::cancel);
    }
    void canceling_new(StoreDriver& driver) {
        create(driver, 2);
        driver.command(broadcast, BroadcastCommand::cancel);
    }
    auto prepared(void (Sweeps::*prepare)(StoreDriver&)) {
        return [this, prepare](StoreDriver& driver) { (this->*prepare)(driver); };
    }
    auto statuses_alone() {
        return [this](StoreDriver& driver) { return statuses(driver); };
    }
    std::vector<Receipt> both(bool delivered) {
        return {receipt_of(ticket.messages[1].id, delivered), receipt_of(ticket.messages[0].id, delivered)};
    }
    /// When the sweeper has come once more.
    auto canceled() {
        return [this](StoreDriver& driver) {
            driver.finish_cancels();
            CHECK(driver.get(broadcast).status == BroadcastStatus::canceled);
            return statuses(driver);
        };
    }
    std::string status_of_broadcast(StoreDriver& driver) {
        return std::string(to_string(driver.get(broadcast).status));
    }
};

const auto kExpire = [](GatedStores& stores) { return stores.expire_leases(); };
const auto kFail = [](GatedStores& stores) { return stores.end_unresolved(); };
const auto kFinish = [](GatedStores& stores) { return stores.finish_cancels(); };
const auto kComplete = [](GatedStores& stores) { return stores.complete(); };

} // namespace

TEST_CASE_METHOD(Sweeps, "results and leases that ran out, interleaved", "[postgres][interleaved]") {
    const auto begun = prepared(&Sweeps::lapsed_after_mark), not_begun = prepared(&Sweeps::lapsed);
    const auto accept = [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); };
    const auto reject = [this](GatedStores& stores) {
        return stores.record({rejected(ticket, 0), rejected(ticket, 1)});
    };
    const auto retry = [this](GatedStores& stores) {
        return stores.record({not_sent(ticket, 0), not_sent(ticket, 1)});
    };
    const auto accept_one = [this](GatedStores& stores) { return stores.record({accepted(ticket, 0)}); };
    const auto end = statuses_alone();
    run({"accepted", not_begun, accept, kExpire, end, {"sent sent", "pending pending"}});
    run({"rejected", not_begun, reject, kExpire, end, {"failed failed", "pending pending"}});
    run({"one accepted", not_begun, accept_one, kExpire, end, {"sent pending", "sent sending", "pending pending"}});
    // An acceptance is no news too late: it resolves what the sweeper could not know.
    run({"begun, accepted", begun, accept, kExpire, end, {"sent sent"}});
    run({"begun, rejected", begun, reject, kExpire, end, {"failed failed", "unknown unknown"}});
    run({"begun, to be retried", begun, retry, kExpire, end, {"pending pending", "unknown unknown"}});
    run({"begun, one accepted", begun, accept_one, kExpire, end, {"sent unknown"}});
}

TEST_CASE_METHOD(Sweeps, "leases that ran out, interleaved", "[postgres][interleaved]") {
    const auto begun = prepared(&Sweeps::lapsed_after_mark), not_begun = prepared(&Sweeps::lapsed);
    run({"two sweepers", not_begun, kExpire, kExpire, statuses_alone(), {"pending pending"}});
    run({"two sweepers after begin",
         begun,
         kExpire,
         kExpire,
         [this](StoreDriver& driver) {
             CHECK(count("attempts") == 2);
             return statuses(driver);
         },
         {"unknown unknown"}});
    LeaseReport report;
    const auto renew = [&](GatedStores& stores) { return stores.renew({ticket.ref}, report); };
    const auto told = [&](StoreDriver& driver) { return (report.lost.empty() ? "kept " : "lost ") + statuses(driver); };
    run({"renewed", not_begun, renew, kExpire, told, {"kept sending sending", "lost pending pending"}});
    run({"renewed after begin", begun, renew, kExpire, told, {"kept sending sending", "lost unknown unknown"}});
    const auto give_back = [this](GatedStores& stores) { return stores.give_back({ticket.ref}); };
    run({"given back", not_begun, give_back, kExpire, statuses_alone(), {"pending pending"}});
    run({"given back after begin",
         begun,
         give_back,
         kExpire,
         statuses_alone(),
         {"pending pending", "unknown unknown"}});
}

TEST_CASE_METHOD(Sweeps, "leases of what went out once more, interleaved", "[postgres][interleaved]") {
    const auto prepare = prepared(&Sweeps::lapsed_once_more);
    const auto end = statuses_alone();
    const auto accept = [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); };
    const auto reject_one = [this](GatedStores& stores) { return stores.record({rejected(ticket, 0)}); };
    const auto give_back = [this](GatedStores& stores) { return stores.give_back({ticket.ref}); };
    const auto receive = [this](GatedStores& stores) { return stores.receive(both(true)); };
    run({"two sweepers", prepare, kExpire, kExpire, end, {"unknown unknown"}});
    run({"accepted", prepare, accept, kExpire, end, {"sent sent"}});
    run({"one rejected", prepare, reject_one, kExpire, end, {"failed unknown", "unknown unknown"}});
    run({"given back", prepare, give_back, kExpire, end, {"pending pending", "unknown unknown"}});
    run({"delivered", prepare, receive, kExpire, end, {"delivered delivered"}});
    LeaseReport report;
    const auto renew = [&](GatedStores& stores) { return stores.renew({ticket.ref}, report); };
    const auto told = [&](StoreDriver& driver) { return (report.lost.empty() ? "kept " : "lost ") + statuses(driver); };
    run({"renewed", prepare, renew, kExpire, told, {"kept sending sending", "lost unknown unknown"}});
}

TEST_CASE_METHOD(Sweeps, "messages whose time is up, interleaved", "[postgres][interleaved]") {
    const auto prepare = prepared(&Sweeps::unresolved);
    const auto end = statuses_alone();
    run({"delivered",
         prepare,
         kFail,
         [this](GatedStores& stores) { return stores.receive(both(true)); },
         end,
         {"delivered delivered"}});
    run({"failed",
         prepare,
         kFail,
         [this](GatedStores& stores) { return stores.receive(both(false)); },
         end,
         {"failed failed"}});
    run({"delivered, by the provider's ids",
         prepare,
         kFail,
         [](GatedStores& stores) {
             return stores.receive({receipt_by("p-1"), receipt_by("p-0")});
         },
         end,
         {"delivered delivered"}});
    run({"accepted after all",
         prepare,
         kFail,
         [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); },
         end,
         {"sent sent", "failed failed"}});
    run({"twice", prepare, kFail, kFail, end, {"failed failed"}});
}

TEST_CASE_METHOD(Sweeps, "canceling, interleaved", "[postgres][interleaved]") {
    const auto retries = prepared(&Sweeps::canceling_retries), fresh = prepared(&Sweeps::canceling_new);
    run({"delivered",
         retries,
         kFinish,
         [this](GatedStores& stores) { return stores.receive(both(true)); },
         canceled(),
         {"delivered delivered"}});
    run({"failed",
         retries,
         kFinish,
         [this](GatedStores& stores) { return stores.receive(both(false)); },
         canceled(),
         {"failed failed"}});
    run({"one delivered",
         retries,
         kFinish,
         [this](GatedStores& stores) { return stores.receive({receipt_of(ticket.messages[0].id)}); },
         canceled(),
         {"delivered unknown"}});
    run({"two sweepers", fresh, kFinish, kFinish, canceled(), {"canceled canceled"}});
    run({"a receipt of what was never handed out",
         fresh,
         kFinish,
         [this](GatedStores& stores) {
             return stores.receive(
                 {receipt_of(MessageId{*parse_uuid(admin().value("SELECT min(id::text) FROM messages"))})});
         },
         canceled(),
         {"canceled canceled"}});
    const auto held_and_canceling = [this](StoreDriver& driver) {
        driver.end_hold(); // by the receipt of what was never handed out
        held(driver);
        driver.command(broadcast, BroadcastCommand::cancel);
    };
    run({"given back",
         held_and_canceling,
         kFinish,
         [this](GatedStores& stores) { return stores.give_back({ticket.ref}); },
         canceled(),
         {"canceled canceled"}});
    run({"accepted",
         held_and_canceling,
         kFinish,
         [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); },
         canceled(),
         {"sent sent"}});
    std::vector<TicketRef> waiting;
    run({"confirmed",
         [&](StoreDriver& driver) {
             create(driver, 2);
             waiting = refs(driver.claim());
         },
         [this](GatedStores& stores) { return stores.cancel(broadcast); },
         [&](GatedStores& stores) { return stores.mark_queued(waiting); },
         canceled(),
         {"canceled canceled"}});
}

TEST_CASE_METHOD(Sweeps, "completing, interleaved", "[postgres][interleaved]") {
    const auto prepare = [this](StoreDriver& driver) { held(driver); };
    const auto end = [this](StoreDriver& driver) {
        driver.complete();
        return statuses(driver) + ", " + status_of_broadcast(driver);
    };
    run({"the last result",
         prepare,
         kComplete,
         [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); },
         end,
         {"sent sent, completed"}});
    run({"without an answer",
         prepare,
         kComplete,
         [this](GatedStores& stores) {
             return stores.record({accepted(ticket, 0), uncertain(ticket, 1)});
         },
         end,
         {"sent unknown, running"}});
    run({"to be retried",
         prepare,
         kComplete,
         [this](GatedStores& stores) {
             return stores.record({accepted(ticket, 0), not_sent(ticket, 1)});
         },
         end,
         {"sent pending, running"}});
    run({"the last answer", prepared(&Sweeps::unresolved), kComplete, kFail, end, {"failed failed, completed"}});
    run({"canceled",
         [this](StoreDriver& driver) {
             held(driver);
             driver.record(all_accepted(ticket));
         },
         kComplete,
         [this](GatedStores& stores) { return stores.cancel(broadcast); },
         end,
         {"sent sent, completed", "sent sent, canceled"}});
}

} // namespace smsbcast::test
