#include "interleaved.hpp"

// The sweeper that ends broadcasts past their deadline, interleaved with workers, receipts and itself.

namespace smsbcast::test {

namespace {

class Expiring : public Interleaved {
public:
    TakenTicket ticket;
    std::vector<TicketRef> waiting;

    void fresh(StoreDriver& driver) {
        create(driver, 2);
        fixture().expire(broadcast);
    }
    void queued(StoreDriver& driver) {
        create(driver, 2);
        waiting = driver.queue();
        fixture().expire(broadcast);
    }
    void held(StoreDriver& driver) {
        create(driver, 2);
        ticket = driver.take_due();
        fixture().expire(broadcast);
    }
    /// Waiting after an attempt without an answer.
    void retries(StoreDriver& driver) {
        held(driver);
        driver.record({resend(ticket, 0), resend(ticket, 1)});
    }
    auto prepared(void (Expiring::*prepare)(StoreDriver&)) {
        return [this, prepare](StoreDriver& driver) { (this->*prepare)(driver); };
    }
    /// When the sweeper has come once more.
    auto swept() {
        return [this](StoreDriver& driver) {
            driver.expire_broadcasts();
            return statuses(driver);
        };
    }
    auto receipts(bool delivered) {
        return [this, delivered](GatedStores& stores) {
            return stores.receive(
                {receipt_of(ticket.messages[1].id, delivered), receipt_of(ticket.messages[0].id, delivered)});
        };
    }
};

const auto kSweep = [](GatedStores& stores) { return stores.expire_broadcasts(); };

} // namespace

TEST_CASE_METHOD(Expiring, "expiry and workers, interleaved", "[postgres][interleaved]") {
    const auto held = prepared(&Expiring::held);
    const auto accept = [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); };
    const auto retry = [this](GatedStores& stores) { return stores.record({resend(ticket, 0), not_sent(ticket, 1)}); };
    const auto give_back = [this](GatedStores& stores) { return stores.give_back({ticket.ref}); };
    run({"accepted", held, kSweep, accept, swept(), {"sent sent"}});
    run({"to be retried", held, kSweep, retry, swept(), {"unknown expired"}});
    run({"given back", held, kSweep, give_back, swept(), {"expired expired"}});
    std::vector<TakenTicket> taken;
    run({"taken too late",
         prepared(&Expiring::queued),
         kSweep,
         [&](GatedStores& stores) { return stores.take(waiting, WorkerId{new_uuid()}, taken); },
         [&](StoreDriver& driver) {
             CHECK(taken.empty());
             return swept()(driver);
         },
         {"expired expired"}});
}

TEST_CASE_METHOD(Expiring, "expiry, receipts and other sweepers, interleaved", "[postgres][interleaved]") {
    const auto retries = prepared(&Expiring::retries), fresh = prepared(&Expiring::fresh);
    run({"delivered", retries, kSweep, receipts(true), swept(), {"delivered delivered"}});
    run({"failed", retries, kSweep, receipts(false), swept(), {"failed failed"}});
    run({"two sweepers", fresh, kSweep, kSweep, swept(), {"expired expired"}});
    run({"canceled",
         fresh,
         kSweep,
         [this](GatedStores& stores) { return stores.cancel(broadcast); },
         swept(),
         {"expired expired", "canceled canceled"}});
    run({"completed",
         fresh,
         kSweep,
         [](GatedStores& stores) { return stores.complete(); },
         [this](StoreDriver& driver) {
             driver.complete();
             CHECK(driver.get(broadcast).status == BroadcastStatus::completed);
             return statuses(driver);
         },
         {"expired expired"}});
}

} // namespace smsbcast::test
