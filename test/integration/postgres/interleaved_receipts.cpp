#include "interleaved.hpp"

// Receipts, interleaved with what moves their messages, and with what changes only the tickets they wait in.

namespace smsbcast::test {

namespace {

class Receipts : public Interleaved {
public:
    using Interleaved::Interleaved;

    TakenTicket ticket;
    std::vector<TicketRef> waiting;

    void held(StoreDriver& driver, int recipients = 2) {
        create(driver, recipients);
        ticket = driver.take_due();
    }
    /// In a new ticket, after an attempt without an answer.
    void retried(StoreDriver& driver) {
        held(driver);
        driver.record({resend(ticket, 0), resend(ticket, 1)});
    }
    void claimed(StoreDriver& driver) {
        retried(driver);
        waiting = refs(driver.claim());
    }
    void queued(StoreDriver& driver) {
        retried(driver);
        waiting = driver.queue();
    }
    /// Known by the provider's ids p-0 and p-1.
    void sent_with_references(StoreDriver& driver) {
        held(driver);
        driver.record(with_references());
    }
    std::vector<MessageResult> with_references() {
        auto results = all_accepted(ticket);
        for (auto& result : results)
            result.references = {*result.provider_id};
        return results;
    }
    MessageId message(std::size_t place) { return ticket.messages.at(place).id; }
    std::vector<Receipt> both(bool delivered = true) {
        return {receipt_of(message(1), delivered, "p-1"), receipt_of(message(0), delivered, "p-0")};
    }
    std::vector<Receipt> both_by_provider(bool delivered = true) {
        return {receipt_by("p-1", delivered), receipt_by("p-0", delivered)};
    }
    auto statuses_alone() {
        return [this](StoreDriver& driver) { return statuses(driver); };
    }
    std::string finished(StoreDriver& driver) {
        CHECK(count("outbox") == 0);
        CHECK(count("receipt_inbox") == 0);
        return statuses(driver);
    }
    /// Receipts of both of a ticket's messages against the result of both.
    void results_against(const char* name, std::function<std::vector<MessageResult>()> results, bool delivered) {
        run({name,
             [this](StoreDriver& driver) { held(driver); },
             [=](GatedStores& stores) { return stores.record(results()); },
             [=, this](GatedStores& stores) { return stores.receive(both(delivered)); },
             [this](StoreDriver& driver) { return finished(driver); },
             {delivered ? "delivered delivered" : "failed failed"}});
    }
    /// Likewise, where the result is that the provider has neither message: receipts that come later wait in the inbox.
    void refusals_against(const char* name, std::function<std::vector<MessageResult>()> results, bool delivered,
                          const std::string& refused_first) {
        run({name,
             [this](StoreDriver& driver) { held(driver); },
             [=](GatedStores& stores) { return stores.record(results()); },
             [=, this](GatedStores& stores) { return stores.receive(both(delivered)); },
             [=, this](StoreDriver& driver) {
                 const auto ends = statuses(driver);
                 CHECK(count("receipt_inbox") == (ends == refused_first ? 2 : 0));
                 return ends;
             },
             {delivered ? "delivered delivered" : "failed failed", refused_first}});
    }
    /// A receipt of the first of two messages against what changes their ticket alone.
    void ticket_against(const char* name, void (Receipts::*prepare)(StoreDriver&),
                        std::function<Call(GatedStores&)> other, std::set<std::string> ends) {
        run({name, [this, prepare](StoreDriver& driver) { (this->*prepare)(driver); },
             [this](GatedStores& stores) { return stores.receive({receipt_of(message(0))}); }, std::move(other),
             statuses_alone(), std::move(ends)});
    }
    void held_two(StoreDriver& driver) { held(driver); }
    void lapsed(StoreDriver& driver) {
        held(driver);
        let_time_pass();
    }
    void lapsed_after_mark(StoreDriver& driver) {
        held(driver);
        driver.mark_in_flight({ticket.ref});
        let_time_pass();
    }
};

} // namespace

TEST_CASE_METHOD(Receipts, "results and receipts, interleaved", "[postgres][interleaved]") {
    const auto of_both = [this](auto outcome) {
        return [this, outcome] { return std::vector<MessageResult>{outcome(ticket, 0), outcome(ticket, 1)}; };
    };
    const auto again = [](auto outcome) {
        return
            [outcome](const TakenTicket& taken, std::size_t place) { return outcome(taken, place, milliseconds(0)); };
    };
    results_against(
        "accepted, delivered", [this] { return all_accepted(ticket); }, true);
    results_against(
        "accepted, failed", [this] { return all_accepted(ticket); }, false);
    refusals_against("rejected, delivered", of_both(rejected), true, "failed failed");
    results_against("rejected, failed", of_both(rejected), false);
    results_against("without an answer, delivered", of_both(uncertain), true);
    results_against("without an answer, failed", of_both(uncertain), false);
    refusals_against("not sent, delivered", of_both(again(not_sent)), true, "pending pending");
    refusals_against("not sent, failed", of_both(again(not_sent)), false, "pending pending");
    results_against("to be sent again, delivered", of_both(again(resend)), true);
    results_against("to be sent again, failed", of_both(again(resend)), false);
}

TEST_CASE_METHOD(Receipts, "an acceptance tells what its receipt could not, interleaved", "[postgres][interleaved]") {
    run({"accepted, delivered",
         [this](StoreDriver& driver) { held(driver); },
         [this](GatedStores& stores) { return stores.record(all_accepted(ticket)); },
         [this](GatedStores& stores) { return stores.receive(both()); },
         [this](StoreDriver& driver) {
             std::string ids;
             for (const auto& found : driver.messages(broadcast))
                 ids += found.provider_id.value_or("none") + (found.sent_at ? " sent " : " ");
             return ids;
         },
         {"p-0 sent p-1 sent "}});
}

TEST_CASE_METHOD(Receipts, "a result and a receipt of one ticket's messages, interleaved", "[postgres][interleaved]") {
    run({"accepted, another one delivered",
         [this](StoreDriver& driver) { held(driver, 3); },
         [this](GatedStores& stores) { return stores.record({accepted(ticket, 0)}); },
         [this](GatedStores& stores) { return stores.receive({receipt_of(message(1))}); },
         statuses_alone(),
         {"sent delivered sending"}});
    run({"the first two, the last two",
         [this](StoreDriver& driver) { held(driver, 3); },
         [this](GatedStores& stores) {
             return stores.record({accepted(ticket, 0), not_sent(ticket, 1)});
         },
         [this](GatedStores& stores) {
             return stores.receive({receipt_of(message(2)), receipt_of(message(1))});
         },
         statuses_alone(),
         {"sent delivered delivered", "sent pending delivered"}});
}

// A message that was never handed out has no receipts yet: then it waits until the message is taken.
TEST_CASE_METHOD(Receipts, "a throttled message and its receipt, interleaved", "[postgres][interleaved]") {
    run({"throttled, delivered",
         [this](StoreDriver& driver) { held(driver, 1); },
         [this](GatedStores& stores) { return stores.record({throttled(ticket)}); },
         [this](GatedStores& stores) { return stores.receive({receipt_of(message(0))}); },
         [this](StoreDriver& driver) -> std::string {
             if (count("receipt_inbox") == 0)
                 return finished(driver);
             CHECK(statuses(driver) == "pending");
             driver.take_due();
             admin().query("UPDATE receipt_inbox SET next_try_at = now()");
             driver.match_inbox();
             return finished(driver) + " from the inbox";
         },
         {"delivered", "delivered from the inbox"}});
}

TEST_CASE_METHOD(Receipts, "references and receipts, interleaved", "[postgres][interleaved]") {
    const auto end = [this](StoreDriver& driver) { return finished(driver); };
    run({"accepted with a reference, delivered by the provider's id",
         [this](StoreDriver& driver) { held(driver); },
         [this](GatedStores& stores) { return stores.record(with_references()); },
         [this](GatedStores& stores) { return stores.receive(both_by_provider()); },
         end,
         {"delivered delivered"}});
    run({"accepted with a reference, the inbox is looked through",
         [this](StoreDriver& driver) {
             held(driver);
             driver.receive(both_by_provider());
             admin().query("UPDATE receipt_inbox SET next_try_at = now()");
         },
         [this](GatedStores& stores) { return stores.record(with_references()); },
         [](GatedStores& stores) { return stores.match_inbox(); },
         end,
         {"delivered delivered"}});
    run({"failed and delivered, by the provider's ids",
         [this](StoreDriver& driver) { sent_with_references(driver); },
         [this](GatedStores& stores) { return stores.receive(both_by_provider(false)); },
         [this](GatedStores& stores) { return stores.receive(both_by_provider(true)); },
         end,
         {"delivered delivered"}});
    run({"failed by our id and delivered by the provider's",
         [this](StoreDriver& driver) { sent_with_references(driver); },
         [this](GatedStores& stores) { return stores.receive(both(false)); },
         [this](GatedStores& stores) {
             return stores.receive({receipt_by("p-0"), receipt_by("p-1")});
         },
         end,
         {"delivered delivered"}});
}

TEST_CASE_METHOD(Receipts, "receipts of the same messages, interleaved", "[postgres][interleaved]") {
    const auto against = [this](const char* name, bool one, bool other, const char* ends) {
        run({name,
             [this](StoreDriver& driver) { held(driver); },
             [=, this](GatedStores& stores) { return stores.receive(both(one)); },
             [=, this](GatedStores& stores) {
                 auto receipts = both(other);
                 std::swap(receipts[0], receipts[1]);
                 return stores.receive(std::move(receipts));
             },
             [this](StoreDriver& driver) { return finished(driver); },
             {ends}});
    };
    against("delivered twice, in opposite orders", true, true, "delivered delivered");
    against("failed and delivered", false, true, "delivered delivered");
    against("failed twice", false, false, "failed failed");
    run({"of two messages of a ticket",
         [this](StoreDriver& driver) { held(driver); },
         [this](GatedStores& stores) { return stores.receive({receipt_of(message(0))}); },
         [this](GatedStores& stores) { return stores.receive({receipt_of(message(1))}); },
         [this](StoreDriver& driver) { return finished(driver); },
         {"delivered delivered"}});
}

// A ticket that its message waits in is changed by many who do not lock the message.
TEST_CASE_METHOD(Receipts, "receipts and changes of their tickets, interleaved", "[postgres][interleaved]") {
    std::vector<TakenTicket> taken;
    std::vector<TicketRef> begun;
    std::vector<ClaimedTicket> claimed_now;
    LeaseReport report;
    ticket_against("taken", &Receipts::queued,
                   [&](GatedStores& stores) { return stores.take(waiting, WorkerId{new_uuid()}, taken); },
                   {"delivered sending"});
    ticket_against("begun", &Receipts::held_two,
                   [&](GatedStores& stores) { return stores.mark_in_flight({ticket.ref}, begun); },
                   {"delivered sending"});
    ticket_against("renewed", &Receipts::held_two,
                   [&](GatedStores& stores) { return stores.renew({ticket.ref}, report); }, {"delivered sending"});
    ticket_against("given back", &Receipts::held_two,
                   [&](GatedStores& stores) { return stores.give_back({ticket.ref}); }, {"delivered pending"});
    ticket_against("claimed", &Receipts::retried, [&](GatedStores& stores) { return stores.claim(claimed_now); },
                   {"delivered pending"});
    ticket_against("confirmed", &Receipts::claimed, [&](GatedStores& stores) { return stores.mark_queued(waiting); },
                   {"delivered queued"});
    // A sweeper leaves to the next turn what somebody works on.
    ticket_against("lost by the queue", &Receipts::queued, [](GatedStores& stores) { return stores.requeue_lost(); },
                   {"delivered pending", "delivered queued"});
    ticket_against("the lease ran out", &Receipts::lapsed, [](GatedStores& stores) { return stores.expire_leases(); },
                   {"delivered pending", "delivered sending"});
    ticket_against("the lease ran out after the mark", &Receipts::lapsed_after_mark,
                   [](GatedStores& stores) { return stores.expire_leases(); }, {"delivered unknown"});
}

TEST_CASE_METHOD(Receipts, "a ticket that receipts finish while it is taken, interleaved", "[postgres][interleaved]") {
    std::vector<TakenTicket> taken;
    run({"both delivered, taken",
         [this](StoreDriver& driver) { queued(driver); },
         [this](GatedStores& stores) { return stores.receive(both()); },
         [&](GatedStores& stores) { return stores.take(waiting, WorkerId{new_uuid()}, taken); },
         [this](StoreDriver& driver) { return finished(driver); },
         {"delivered delivered"}});
}

TEST_CASE_METHOD(Receipts, "two that look through the inbox, interleaved", "[postgres][interleaved]") {
    const auto kept = [this](StoreDriver& driver) {
        held(driver);
        driver.receive(both_by_provider(false));
        driver.receive({receipt_by("p-0")});
        driver.record(with_references());
        admin().query("UPDATE receipt_inbox SET next_try_at = now()");
    };
    const auto end = [this](StoreDriver& driver) { return finished(driver); };
    const auto match = [](GatedStores& stores) { return stores.match_inbox(); };
    run({"twice", kept, match, match, end, {"delivered failed"}});
    run({"and another receipt",
         kept,
         match,
         [](GatedStores& stores) { return stores.receive({receipt_by("p-1")}); },
         end,
         {"delivered delivered"}});
}

// Then they wait for each other at the counts, which come last.
TEST_CASE("writers of the same counts, interleaved", "[postgres][interleaved]") {
    Receipts same(Interleaved::Writers::same);
    const auto end = [&](StoreDriver& driver) { return same.statuses(driver); };
    same.run({"results and receipts of one ticket",
              [&](StoreDriver& driver) { same.held(driver, 3); },
              [&](GatedStores& stores) {
                  return stores.record({accepted(same.ticket, 0), rejected(same.ticket, 1)});
              },
              [&](GatedStores& stores) { return stores.receive({receipt_of(same.message(2))}); },
              end,
              {"sent failed delivered"}});
    same.run({"receipts of sent messages",
              [&](StoreDriver& driver) { same.sent_with_references(driver); },
              [&](GatedStores& stores) { return stores.receive({receipt_of(same.message(0))}); },
              [&](GatedStores& stores) { return stores.receive({receipt_by("p-1", false)}); },
              end,
              {"delivered failed"}});
    same.run({"a result and a lease that ran out",
              [&](StoreDriver& driver) { same.lapsed_after_mark(driver); },
              [&](GatedStores& stores) { return stores.record({accepted(same.ticket, 1)}); },
              [](GatedStores& stores) { return stores.expire_leases(); },
              end,
              {"unknown sent"}});
}

// The first statement of the batch counts in the later broadcast alone, the second one in the earlier.
TEST_CASE("counts of several broadcasts, with two results of a message", "[postgres][interleaved]") {
    Interleaved same(Interleaved::Writers::same);
    std::vector<TakenTicket> early, late;
    same.run({"results and receipts of two broadcasts",
              [&](StoreDriver& driver) {
                  const auto first = driver.create(2, 1);
                  same.broadcast = driver.create(2, 1);
                  early.clear(), late.clear();
                  for (const auto& ticket : driver.take(driver.queue()))
                      (ticket.broadcast == first ? early : late).push_back(ticket);
              },
              [&](GatedStores& stores) {
                  auto lost = early[0];
                  --lost.ref.fence;
                  return stores.record({accepted(lost), accepted(early[0]), accepted(late[0])});
              },
              [&](GatedStores& stores) {
                  return stores.receive({receipt_of(early[1].messages[0].id), receipt_of(late[1].messages[0].id)});
              },
              [&](StoreDriver& driver) { return same.statuses(driver); },
              {"sent delivered"}});
}

} // namespace smsbcast::test
