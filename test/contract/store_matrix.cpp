#include "store_cases.hpp"
#include "store_driver.hpp"

#include <algorithm>
#include <set>

// Every event on a message in every status: it goes where domain::transitions() says, or stays.

namespace smsbcast::test {

namespace {

using enum MessageStatus;

/// A message in some status, with the tickets that a worker may believe to hold it by.
struct Subject {
    BroadcastId broadcast;
    MessageId message;
    TakenTicket ticket;             ///< the last one taken; valid only while the message is sending
    std::vector<TicketRef> waiting; ///< as the relay or the queue knows it
};

TakenTicket stale_ticket(const Subject& subject) {
    TakenTicket ticket;
    ticket.ref = {TicketId{new_uuid()}, 1};
    ticket.broadcast = subject.broadcast;
    ticket.messages.push_back({subject.message, PhoneNumber::from_digits(0), 0, 0, false});
    return ticket;
}

/// What messages were through before.
enum class Past {
    none,
    maybe_sent, ///< an attempt that ended without an answer; only of those that are to be sent again
    taken,      ///< an answer without an id; only of those that wait for a receipt
};

std::string_view name_of(Past past) {
    return past == Past::none ? "" : past == Past::taken ? ", taken" : ", maybe sent";
}

bool may_have(MessageStatus status, Past past) {
    if (past == Past::taken)
        return status == unknown;
    return past == Past::none || status == pending || status == queued || status == sending;
}

// `lease` and `begun` are of the ticket of a message that is sending.
Subject make_subject(StoreDriver& driver, MessageStatus status, Past past, milliseconds lease, bool begun) {
    Subject subject;
    subject.broadcast = driver.create(1);
    subject.message = driver.message_of(subject.broadcast);
    subject.ticket = stale_ticket(subject);
    if (past == Past::maybe_sent) {
        subject.ticket = driver.take_due();
        driver.record({resend(subject.ticket)});
    }
    if (status == suppressed) {
        MessageFacts facts;
        facts.status = status;
        driver.fixture().put(subject.message, facts);
    }
    if (status == expired) {
        driver.fixture().expire(subject.broadcast);
        driver.expire_broadcasts();
    }
    if (status == canceled) {
        driver.command(subject.broadcast, BroadcastCommand::cancel);
        driver.finish_cancels();
    }
    if (status == pending || status == expired || status == suppressed || status == canceled)
        return subject;
    const auto claimed = refs(driver.claim());
    REQUIRE(claimed.size() == 1);
    driver.mark_queued(claimed);
    subject.waiting = claimed;
    if (status == queued)
        return subject;
    const auto taken = driver.take(claimed);
    REQUIRE(taken.size() == 1);
    subject.ticket = taken.front();
    if (begun)
        driver.mark_in_flight({subject.ticket.ref});
    if (status == sending)
        driver.renew({subject.ticket.ref}, lease);
    if (status == unknown)
        driver.record({past == Past::taken ? unidentified(subject.ticket) : uncertain(subject.ticket)}, lease);
    if (status == sent || status == delivered || status == failed)
        driver.record({accepted(subject.ticket)});
    if (status == delivered || status == failed)
        driver.receive_one(receipt_of(subject.message, status == delivered));
    return subject;
}

struct Event {
    std::string_view name;
    Actor actor;
    /// Where it leads from a status that it applies to; the others stay as they are.
    std::vector<Transition> moves;
    milliseconds lease;
    bool begun;
    void (*apply)(StoreDriver&, const Subject&);
    /// More of a message that may have been sent, or was taken; they come before the others.
    std::vector<Transition> special{};
};

Transition expected_move(const Event& event, MessageStatus status, Past past) {
    const auto find = [&](const std::vector<Transition>& moves) {
        const auto at = std::ranges::find(moves, status, &Transition::from);
        return at == moves.end() ? std::nullopt : std::optional(*at);
    };
    const auto first = past != Past::none ? find(event.special) : std::nullopt;
    return first.value_or(find(event.moves).value_or(Transition{status, status, event.actor}));
}

std::vector<TicketRef> waiting_or_claimed(StoreDriver& driver, const Subject& subject) {
    return subject.waiting.empty() ? refs(driver.claim()) : subject.waiting;
}

// A broadcast that is over refuses it.
void command(StoreDriver& driver, const Subject& subject, BroadcastCommand command) {
    auto& fixture = driver.fixture();
    fixture.run(fixture.broadcasts().command(driver.tenant(), subject.broadcast, command, fixture.deadline()));
}

void until_it_leaves(StoreDriver& driver, const Subject& subject, MessageStatus status,
                     std::int64_t (*sweep)(StoreDriver&)) {
    driver.until([&] {
        sweep(driver);
        return driver.status(subject.message) != status;
    });
}

std::vector<Transition> to(Actor actor, MessageStatus end, std::vector<MessageStatus> from) {
    std::vector<Transition> moves;
    for (const auto status : from)
        moves.push_back({status, end, actor});
    return moves;
}

using enum Actor;

std::vector<Event> events_of_tickets() {
    return {
        {"claimed", relay, {}, kLong, false, [](StoreDriver& driver, const Subject&) { driver.claim(); }},
        {"confirmed", relay, to(relay, queued, {pending}), kLong, false,
         [](StoreDriver& driver, const Subject&) { driver.queue(); }},
        {"released",
         relay,
         {},
         kLong,
         false,
         [](StoreDriver& driver, const Subject& subject) { driver.release(waiting_or_claimed(driver, subject)); }},
        {"lost by the queue", relay, to(relay, pending, {queued}), kLong, false,
         [](StoreDriver& driver, const Subject&) { driver.requeue_lost(milliseconds(0)); }},
        {"taken", worker, to(worker, sending, {pending, queued}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.take(waiting_or_claimed(driver, subject)); }},
        // By a worker that has it already, and never saw so.
        {"paused, then taken",
         relay,
         {{queued, pending, relay}, {sending, pending, worker}},
         kLong,
         false,
         [](StoreDriver& driver, const Subject& subject) {
             const auto tickets = waiting_or_claimed(driver, subject);
             command(driver, subject, BroadcastCommand::pause);
             driver.take(tickets);
         }},
        {"held, then taken",
         relay,
         {{queued, pending, relay}, {sending, pending, worker}},
         kLong,
         false,
         [](StoreDriver& driver, const Subject& subject) {
             const auto tickets = waiting_or_claimed(driver, subject);
             driver.hold();
             driver.take(tickets);
         }},
        {"begun",
         worker,
         {},
         kLong,
         false,
         [](StoreDriver& driver, const Subject& subject) { driver.mark_in_flight({subject.ticket.ref}); }},
        {"renewed",
         worker,
         {},
         kLong,
         false,
         [](StoreDriver& driver, const Subject& subject) { driver.renew({subject.ticket.ref}); }},
        {"given back", worker, to(worker, pending, {sending}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.give_back({subject.ticket.ref}); }},
    };
}

std::vector<Event> events_of_results() {
    return {
        {"accepted", worker, to(worker, sent, {sending, unknown}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.record({accepted(subject.ticket)}); }},
        {"rejected", worker, to(worker, failed, {sending}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.record({rejected(subject.ticket)}); }},
        {"without an answer", worker, to(worker, unknown, {sending}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.record({uncertain(subject.ticket)}); }},
        {"not sent", worker, to(worker, pending, {sending}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.record({not_sent(subject.ticket)}); }},
        {"throttled", worker, to(worker, pending, {sending}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.record({throttled(subject.ticket)}); }},
        {"to be sent again", worker, to(worker, pending, {sending}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.record({resend(subject.ticket)}); }},
    };
}

// A message that was never handed out has no receipts yet: then the store holds itself.
std::vector<Event> events_of_receipts() {
    return {
        {"a receipt that it was delivered", receipt, to(receipt, delivered, {sending, unknown, sent, failed}), kLong,
         false, [](StoreDriver& driver, const Subject& subject) { driver.receive_one(receipt_of(subject.message)); },
         to(receipt, delivered, {pending, queued})},
        {"a receipt that it failed", receipt, to(receipt, failed, {sending, unknown, sent}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) { driver.receive_one(receipt_of(subject.message, false)); },
         to(receipt, failed, {pending, queued})},
    };
}

std::vector<Event> events_of_sweepers() {
    const auto expire = [](StoreDriver& driver, const Subject& subject) {
        until_it_leaves(driver, subject, sending, [](StoreDriver& swept) { return swept.expire_leases(); });
    };
    return {
        {"the lease runs out", sweeper, to(sweeper, pending, {sending}), milliseconds(1), false, expire},
        {"the lease runs out after begin", sweeper, to(sweeper, unknown, {sending}), milliseconds(1), true, expire},
        {"no receipt in time", sweeper, to(sweeper, failed, {unknown}), milliseconds(1), false,
         [](StoreDriver& driver, const Subject& subject) {
             until_it_leaves(driver, subject, unknown, [](StoreDriver& swept) { return swept.end_unresolved(); });
         },
         to(sweeper, sent, {unknown})},
        {"canceled", sweeper, to(sweeper, canceled, {pending, queued}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) {
             command(driver, subject, BroadcastCommand::cancel);
             driver.finish_cancels();
         },
         to(sweeper, unknown, {pending, queued})},
        {"expired", sweeper, to(sweeper, expired, {pending, queued}), kLong, false,
         [](StoreDriver& driver, const Subject& subject) {
             driver.fixture().expire(subject.broadcast);
             driver.expire_broadcasts();
         },
         to(sweeper, unknown, {pending, queued})},
        {"assumed sent", sweeper, to(sweeper, unknown, {pending, queued, sending}), kLong, false,
         [](StoreDriver& driver, const Subject&) {
             driver.hold();
             driver.end_hold({wall_clock(), kResolve});
         }},
        {"completed", sweeper, {}, kLong, false, [](StoreDriver& driver, const Subject&) { driver.complete(); }},
    };
}

void out_of_the_way(StoreDriver& driver, const Subject& subject) {
    auto& fixture = driver.fixture();
    const auto broadcast = fixture.run(
        fixture.broadcasts().command(driver.tenant(), subject.broadcast, BroadcastCommand::cancel, fixture.deadline()));
    driver.give_back({subject.ticket.ref});
    if (broadcast)
        driver.finish_cancels();
}

std::set<std::pair<MessageStatus, MessageStatus>> walk_matrix(StoreFixture& fixture, const std::vector<Event>& events,
                                                              Past past) {
    std::set<std::pair<MessageStatus, MessageStatus>> seen;
    for (const auto& event : events) {
        for (const auto status : kMessageStatuses) {
            if (!may_have(status, past))
                continue;
            INFO(to_string(status) << name_of(past) << ", " << event.name);
            StoreDriver driver(fixture);
            driver.end_hold(); // of the event before
            const auto subject = make_subject(driver, status, past, event.lease, event.begun);
            REQUIRE(driver.status(subject.message) == status);
            event.apply(driver, subject);
            const auto found = driver.status(subject.message);
            const auto expected = expected_move(event, status, past);
            CHECK(to_string(found) == to_string(expected.to));
            if (found != status) {
                CHECK(may_move(status, found, expected.actor));
                seen.emplace(status, found);
            }
            driver.check_counts();
            out_of_the_way(driver, subject);
        }
    }
    return seen;
}

void every_event_in_every_status(StoreFixture& fixture) {
    std::set<std::pair<MessageStatus, MessageStatus>> seen;
    for (const auto& events : {events_of_tickets(), events_of_results(), events_of_receipts(), events_of_sweepers()})
        for (const auto past : {Past::none, Past::maybe_sent, Past::taken})
            seen.merge(walk_matrix(fixture, events, past));
    for (const auto& move : transitions()) {
        INFO(to_string(move.from) << " to " << to_string(move.to));
        const bool later = move.to == suppressed; // nothing leads there yet
        CHECK((later || seen.contains({move.from, move.to})));
    }
}

// An attempt ended without an answer, and the message waits for the next one.
void receipts_of_messages_with_a_past(StoreFixture& fixture) {
    for (const auto status : {pending, queued}) {
        for (const bool good : {true, false}) {
            StoreDriver driver(fixture);
            const auto id = driver.create(1);
            const auto ticket = driver.take_due();
            driver.record({resend(ticket)});
            if (status == queued)
                driver.queue();
            REQUIRE(driver.status(ticket.messages[0].id) == status);
            CHECK(driver.receive_one(receipt_of(ticket.messages[0].id, good)) == ReceiptOutcome::applied);
            const auto found = driver.status(ticket.messages[0].id);
            CHECK(found == (good ? delivered : failed));
            CHECK(may_move(status, found, Actor::receipt));
            CHECK(driver.get(id).counts.in_our_hands() == 0);
        }
    }
}

constexpr StoreCase kMatrixCases[] = {
    {"every event in every status", every_event_in_every_status},
    {"receipts of messages with a past", receipts_of_messages_with_a_past},
};

} // namespace

std::span<const StoreCase> store_matrix_cases() {
    return kMatrixCases;
}

} // namespace smsbcast::test
