#pragma once

#include "store_suite.hpp"

#include "support/new_broadcast.hpp"

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <string>

namespace smsbcast::test {

using std::chrono::milliseconds;

inline constexpr milliseconds kLong{3'600'000}; ///< a lease or delay that does not end within a case
inline constexpr milliseconds kShort{40};       ///< one that does
inline constexpr milliseconds kResolve{3'600'000};

/// Steps a store through its life. Every call must succeed, and after each one the counts of every small broadcast must
/// equal its rows.
class StoreDriver {
public:
    explicit StoreDriver(StoreFixture& fixture, std::string tenant = kTenant)
        : fixture_(fixture), tenant_(std::move(tenant)) {}

    StoreFixture& fixture() { return fixture_; }

    /// Of whom all broadcasts are that it makes and looks at.
    const std::string& tenant() const { return tenant_; }

    BroadcastId create(int recipients, int ticket_size = 100, std::optional<Timestamp> expires_at = std::nullopt);
    Broadcast get(BroadcastId id);
    BroadcastStatus command(BroadcastId id, BroadcastCommand command);

    std::vector<Message> messages(BroadcastId id, std::optional<MessageStatus> status = std::nullopt);
    MessageId message_of(BroadcastId id, std::size_t place = 0);
    MessageWithAttempts look(MessageId id);
    MessageStatus status(MessageId id) { return look(id).message.status; }

    OutboxLoad load();

    /// Held by workers, of all broadcasts that this driver made.
    int taken_messages();
    std::vector<ClaimedTicket> claim(int max_messages = 1'000'000, milliseconds lease = kLong);
    void mark_queued(std::vector<TicketRef> tickets);
    void release(std::vector<TicketRef> tickets);

    /// Claims and marks all that is due.
    std::vector<TicketRef> queue();

    std::vector<TakenTicket> take(std::vector<TicketRef> tickets, milliseconds lease = kLong);
    std::vector<TakenTicket> take_as(WorkerId worker, std::vector<TicketRef> tickets, milliseconds lease = kLong,
                                     Handover handover = Handover::after_mark);

    /// The only ticket that is due, taken.
    TakenTicket take_due(milliseconds lease = kLong);

    std::vector<TicketRef> mark_in_flight(std::vector<TicketRef> tickets);
    LeaseReport renew(std::vector<TicketRef> tickets, milliseconds lease = kLong);
    void give_back(std::vector<TicketRef> tickets);
    void record(std::vector<MessageResult> results, milliseconds resolve_within = kResolve);

    std::vector<ReceiptOutcome> receive(std::vector<Receipt> receipts);
    ReceiptOutcome receive_one(Receipt receipt);

    std::int64_t expire_leases(milliseconds resolve_within = kResolve);
    std::int64_t requeue_lost(milliseconds after, Loss loss = Loss::suspected);
    std::int64_t match_inbox();
    std::int64_t purge_inbox(milliseconds retention);
    std::int64_t finish_cancels(milliseconds resolve_within = kResolve);
    std::int64_t expire_broadcasts(milliseconds resolve_within = kResolve);
    std::int64_t end_unresolved();
    std::int64_t complete();
    ReceiptSigns receipt_signs();

    std::optional<Hold> held();
    Hold hold(std::string because = "by hand");
    ReleaseReport release_step(ReleaseOptions options = {});

    /// All steps; how many messages are assumed sent.
    std::int64_t end_hold(ReleaseOptions options = {});

    /// Lets time pass: asks again and again, until it is true. Fails after the fixture's patience.
    void until(const std::function<bool()>& done);

    /// Counts of all broadcasts that this driver made equal their rows, however large they are.
    void check_counts();

    WorkerId worker() const { return worker_; }

private:
    template <class T>
    T value(boost::asio::awaitable<Result<T>> call) {
        Result<T> result = fixture_.run(std::move(call));
        REQUIRE(result.has_value());
        check_small();
        if constexpr (!std::is_void_v<T>)
            return std::move(*result);
    }
    void check_small();
    void check(BroadcastId id);
    std::vector<Message> read_all(BroadcastId id, std::optional<MessageStatus> status);

    StoreFixture& fixture_;
    std::string tenant_;
    UuidBlock ids_; ///< ascending, so that broadcasts are listed in the order in which they were made
    WorkerId worker_{new_uuid()};
    std::map<BroadcastId, int> made_;
    std::uint64_t next_phone_ = 66810000001;
};

// Outcomes of one message of a taken ticket. `place` counts from 0.
MessageResult accepted(const TakenTicket& ticket, std::size_t place = 0, std::string provider_id = "p-1");
MessageResult rejected(const TakenTicket& ticket, std::size_t place = 0);
MessageResult uncertain(const TakenTicket& ticket, std::size_t place = 0);
MessageResult unidentified(const TakenTicket& ticket, std::size_t place = 0);
MessageResult not_sent(const TakenTicket& ticket, std::size_t place = 0, milliseconds delay = milliseconds(0));
MessageResult refused_for_now(const TakenTicket& ticket, std::size_t place = 0);
MessageResult throttled(const TakenTicket& ticket, std::size_t place = 0, milliseconds delay = milliseconds(0));
MessageResult resend(const TakenTicket& ticket, std::size_t place = 0, milliseconds delay = milliseconds(0));

/// All of a ticket's messages accepted, with provider ids made of `prefix` and the place.
std::vector<MessageResult> all_accepted(const TakenTicket& ticket, const std::string& prefix = "p");

Receipt receipt_of(MessageId message, bool delivered = true, std::string provider_id = "p-1");
Receipt receipt_by(std::string provider_id, bool delivered = true);

std::vector<TicketRef> refs(const std::vector<TakenTicket>& tickets);
std::vector<TicketRef> refs(const std::vector<ClaimedTicket>& tickets);

} // namespace smsbcast::test
