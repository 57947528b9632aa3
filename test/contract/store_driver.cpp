#include "store_driver.hpp"

namespace smsbcast::test {

namespace {

// Larger ones are looked at where the case asks for it.
constexpr int kSmall = 60;

MessageResult result(const TakenTicket& ticket, std::size_t place, NextStep step) {
    const auto& message = ticket.messages.at(place);
    MessageResult result;
    result.ticket = ticket.ref;
    result.message = message.id;
    result.verdict.step = step;
    result.verdict.attempts = message.attempts + 1;
    result.verdict.key_generation = message.key_generation;
    result.verdict.maybe_sent = message.maybe_sent;
    return result;
}

} // namespace

BroadcastId StoreDriver::create(int recipients, int ticket_size, std::optional<Timestamp> expires_at) {
    NewBroadcast broadcast{BroadcastId{ids_.next()}, "a name", "a text", {}, ticket_size, expires_at};
    broadcast.tenant = tenant_;
    for (int i = 0; i < recipients; ++i)
        broadcast.recipients.push_back(PhoneNumber::from_digits(next_phone_++));
    const auto id = broadcast.id;
    value(test::create(fixture_.broadcasts(), std::move(broadcast), fixture_.deadline()));
    made_[id] = recipients;
    check_small();
    return id;
}

Broadcast StoreDriver::get(BroadcastId id) {
    return value(fixture_.broadcasts().get(tenant_, id, fixture_.deadline()));
}

BroadcastStatus StoreDriver::command(BroadcastId id, BroadcastCommand command) {
    return value(fixture_.broadcasts().command(tenant_, id, command, fixture_.deadline()));
}

std::vector<Message> StoreDriver::messages(BroadcastId id, std::optional<MessageStatus> status) {
    return read_all(id, status);
}

MessageId StoreDriver::message_of(BroadcastId id, std::size_t place) {
    return read_all(id, std::nullopt).at(place).id;
}

MessageWithAttempts StoreDriver::look(MessageId id) {
    return value(fixture_.broadcasts().message(tenant_, id, fixture_.deadline()));
}

OutboxLoad StoreDriver::load() {
    return value(fixture_.outbox().load(fixture_.deadline()));
}

int StoreDriver::taken_messages() {
    std::int64_t taken = 0;
    for (const auto& [id, size] : made_)
        taken += get(id).counts[MessageStatus::sending];
    return static_cast<int>(taken);
}

std::vector<ClaimedTicket> StoreDriver::claim(int max_messages, milliseconds lease) {
    return value(fixture_.outbox().claim(max_messages, lease, fixture_.deadline()));
}

void StoreDriver::mark_queued(std::vector<TicketRef> tickets) {
    value(fixture_.outbox().mark_queued(std::move(tickets), fixture_.deadline()));
}

void StoreDriver::release(std::vector<TicketRef> tickets) {
    value(fixture_.outbox().release(std::move(tickets), fixture_.deadline()));
}

std::vector<TicketRef> StoreDriver::queue() {
    std::vector<TicketRef> tickets;
    for (;;) {
        const auto some = refs(claim());
        if (some.empty())
            break;
        tickets.insert(tickets.end(), some.begin(), some.end());
    }
    mark_queued(tickets);
    return tickets;
}

std::vector<TakenTicket> StoreDriver::take(std::vector<TicketRef> tickets, milliseconds lease) {
    return take_as(worker_, std::move(tickets), lease);
}

std::vector<TakenTicket> StoreDriver::take_as(WorkerId worker, std::vector<TicketRef> tickets, milliseconds lease,
                                              Handover handover) {
    return value(fixture_.tickets().take(std::move(tickets), worker, lease, handover, fixture_.deadline()));
}

TakenTicket StoreDriver::take_due(milliseconds lease) {
    auto tickets = take(queue(), lease);
    REQUIRE(tickets.size() == 1);
    return tickets.front();
}

std::vector<TicketRef> StoreDriver::mark_in_flight(std::vector<TicketRef> tickets) {
    return value(fixture_.tickets().mark_in_flight(std::move(tickets), fixture_.deadline()));
}

LeaseReport StoreDriver::renew(std::vector<TicketRef> tickets, milliseconds lease) {
    return value(fixture_.tickets().renew(std::move(tickets), lease, fixture_.deadline()));
}

void StoreDriver::give_back(std::vector<TicketRef> tickets) {
    value(fixture_.tickets().give_back(std::move(tickets), fixture_.deadline()));
}

void StoreDriver::record(std::vector<MessageResult> results, milliseconds resolve_within) {
    value(fixture_.tickets().record(std::move(results), resolve_within, fixture_.deadline()));
}

std::vector<ReceiptOutcome> StoreDriver::receive(std::vector<Receipt> receipts) {
    return value(fixture_.receipts().apply(std::move(receipts), fixture_.deadline()));
}

ReceiptOutcome StoreDriver::receive_one(Receipt receipt) {
    std::vector<Receipt> batch(1, std::move(receipt));
    const auto outcomes = receive(std::move(batch));
    REQUIRE(outcomes.size() == 1);
    return outcomes.front();
}

std::int64_t StoreDriver::expire_leases(milliseconds resolve_within) {
    return value(fixture_.housekeeping().expire_leases(resolve_within, fixture_.deadline()));
}

std::int64_t StoreDriver::requeue_lost(milliseconds after, Loss loss) {
    return value(fixture_.housekeeping().requeue_lost(after, loss, fixture_.deadline()));
}

std::int64_t StoreDriver::match_inbox() {
    return value(fixture_.housekeeping().match_inbox(fixture_.deadline()));
}

std::int64_t StoreDriver::purge_inbox(milliseconds retention) {
    return value(fixture_.housekeeping().purge_inbox(retention, fixture_.deadline()));
}

std::int64_t StoreDriver::finish_cancels(milliseconds resolve_within) {
    return value(fixture_.housekeeping().finish_cancels(resolve_within, fixture_.deadline()));
}

std::int64_t StoreDriver::expire_broadcasts(milliseconds resolve_within) {
    return value(fixture_.housekeeping().expire_broadcasts(resolve_within, fixture_.deadline()));
}

std::int64_t StoreDriver::end_unresolved() {
    return value(fixture_.housekeeping().end_unresolved(fixture_.deadline()));
}

std::int64_t StoreDriver::complete() {
    return value(fixture_.housekeeping().complete(fixture_.deadline()));
}

ReceiptSigns StoreDriver::receipt_signs() {
    return value(fixture_.housekeeping().receipt_signs(fixture_.deadline()));
}

std::optional<Hold> StoreDriver::held() {
    return value(fixture_.installation().held(fixture_.deadline()));
}

Hold StoreDriver::hold(std::string because) {
    return value(fixture_.installation().hold(std::move(because), fixture_.deadline()));
}

ReleaseReport StoreDriver::release_step(ReleaseOptions options) {
    return value(fixture_.installation().release(options, fixture_.deadline()));
}

std::int64_t StoreDriver::end_hold(ReleaseOptions options) {
    std::int64_t assumed = 0;
    for (bool more = true; more;) {
        const auto report = release_step(options);
        assumed += report.assumed_sent;
        more = report.more;
    }
    return assumed;
}

void StoreDriver::until(const std::function<bool()>& done) {
    const auto deadline = fixture_.deadline();
    while (!done())
        if (deadline.passed())
            FAIL("what was waited for did not happen");
}

void StoreDriver::check_counts() {
    for (const auto& [id, size] : made_)
        check(id);
}

void StoreDriver::check_small() {
    for (const auto& [id, size] : made_)
        if (size <= kSmall)
            check(id);
}

void StoreDriver::check(BroadcastId id) {
    const auto found = fixture_.run(fixture_.broadcasts().get(tenant_, id, fixture_.deadline()));
    REQUIRE(found.has_value());
    StatusCounts rows;
    for (const auto& message : read_all(id, std::nullopt))
        ++rows[message.status];
    for (const auto status : kMessageStatuses) {
        INFO("status " << to_string(status));
        REQUIRE(found->counts[status] == rows[status]);
    }
    REQUIRE(rows.total() == found->total);
}

std::vector<Message> StoreDriver::read_all(BroadcastId id, std::optional<MessageStatus> status) {
    std::vector<Message> all;
    MessageQuery query{id, status, std::nullopt, 1000, tenant_};
    for (;;) {
        const auto page = fixture_.run(fixture_.broadcasts().messages(query, fixture_.deadline()));
        REQUIRE(page.has_value());
        all.insert(all.end(), page->begin(), page->end());
        if (page->size() < 1000)
            return all;
        query.after = page->back().id;
    }
}

MessageResult accepted(const TakenTicket& ticket, std::size_t place, std::string provider_id) {
    auto made = result(ticket, place, NextStep::sent);
    made.provider_id = std::move(provider_id);
    return made;
}

MessageResult rejected(const TakenTicket& ticket, std::size_t place) {
    auto made = result(ticket, place, NextStep::failed);
    made.verdict.error = MessageError{"invalid_number", "rejected", "no such number"};
    return made;
}

MessageResult uncertain(const TakenTicket& ticket, std::size_t place) {
    auto made = result(ticket, place, NextStep::unknown);
    made.verdict.maybe_sent = true;
    made.verdict.error = MessageError{"reset", "unknown", "the connection went"};
    return made;
}

MessageResult unidentified(const TakenTicket& ticket, std::size_t place) {
    auto made = uncertain(ticket, place);
    made.verdict.error = MessageError{"no_provider_id", std::string(kUnidentified), "it says no id"};
    return made;
}

MessageResult not_sent(const TakenTicket& ticket, std::size_t place, milliseconds delay) {
    auto made = result(ticket, place, NextStep::retry);
    ++made.verdict.key_generation;
    made.verdict.delay = delay;
    made.verdict.error = MessageError{"refused", "not_sent", "no connection"};
    return made;
}

MessageResult refused_for_now(const TakenTicket& ticket, std::size_t place) {
    auto made = not_sent(ticket, place);
    made.verdict.error = MessageError{"http_403", "rejected", "opted out"};
    return made;
}

MessageResult throttled(const TakenTicket& ticket, std::size_t place, milliseconds delay) {
    auto made = not_sent(ticket, place, delay);
    --made.verdict.attempts;
    made.verdict.error = MessageError{"429", "throttled", "slow down"};
    return made;
}

MessageResult resend(const TakenTicket& ticket, std::size_t place, milliseconds delay) {
    auto made = not_sent(ticket, place, delay);
    --made.verdict.key_generation;
    made.verdict.maybe_sent = true;
    made.verdict.error = MessageError{"reset", "unknown", "the connection went"};
    return made;
}

std::vector<MessageResult> all_accepted(const TakenTicket& ticket, const std::string& prefix) {
    std::vector<MessageResult> results;
    for (std::size_t place = 0; place < ticket.messages.size(); ++place)
        results.push_back(accepted(ticket, place, prefix + "-" + std::to_string(place)));
    return results;
}

Receipt receipt_of(MessageId message, bool delivered, std::string provider_id) {
    return {message, std::move(provider_id), delivered, delivered ? std::nullopt : std::optional<std::string>("E1")};
}

Receipt receipt_by(std::string provider_id, bool delivered) {
    return {std::nullopt, std::move(provider_id), delivered,
            delivered ? std::nullopt : std::optional<std::string>("E1")};
}

std::vector<TicketRef> refs(const std::vector<TakenTicket>& tickets) {
    std::vector<TicketRef> all;
    for (const auto& ticket : tickets)
        all.push_back(ticket.ref);
    return all;
}

std::vector<TicketRef> refs(const std::vector<ClaimedTicket>& tickets) {
    std::vector<TicketRef> all;
    for (const auto& ticket : tickets)
        all.push_back(ticket.ref);
    return all;
}

} // namespace smsbcast::test
