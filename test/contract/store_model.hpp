#pragma once

#include "store_image.hpp"

#include "smsbcast/domain/broadcast.hpp"
#include "smsbcast/domain/message_rules.hpp"
#include "smsbcast/domain/receipt.hpp"
#include "smsbcast/ports/housekeeping.hpp"
#include "smsbcast/ports/installation.hpp"
#include "smsbcast/ports/ticket_store.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace smsbcast::test {

/// What the six store ports promise, in memory and one call at a time: the simplest store there can be. Its time stands
/// still but for pass(). Tickets and broadcasts are named by their place in the order in which they were made, since
/// the ids of tickets are the store's own.
class StoreModel {
public:
    using Time = std::chrono::milliseconds; ///< since the model was made

    struct Message {
        MessageId id;
        std::size_t broadcast = 0;
        std::optional<std::size_t> ticket; ///< of a pending one
        MessageFacts facts;                ///< but for the class of the error
        int key_generation = 0;
        bool possible_duplicate = false;
        bool was_queued = false, was_delivered = false;
        std::optional<Time> resolve_by;
        std::optional<std::string> provider;
        std::optional<std::string> provider_id;
        std::optional<MessageError> error;
        std::vector<std::string> history;
    };
    struct Ticket {
        std::optional<TicketId> id; ///< once the store's image told it
        std::size_t broadcast = 0;
        TicketFacts facts;
        int left = 0; ///< 0: the ticket is gone
        std::optional<Time> due_at, queued_at, lease_until;
        std::optional<WorkerId> owner;
        int requeues = 0;
    };
    struct Broadcast {
        BroadcastId id;
        BroadcastStatus status = BroadcastStatus::running;
        std::optional<Time> expires_at;
        Time created_at{0};
    };
    struct InboxRow {
        Receipt receipt;
        int tries = 0;
    };
    struct Taken {
        std::size_t ticket = 0;
        int fence = 0;
        std::vector<PendingMessage> messages;
    };
    struct Leases {
        std::set<std::size_t> lost, halted;
    };

    void pass(Time time) { now_ += time; }

    /// `messages` are those that the store made, in order.
    void create(BroadcastId id, const std::vector<MessageId>& messages, int ticket_size,
                std::optional<Time> expires_in);
    std::optional<BroadcastStatus> command(std::size_t broadcast, BroadcastCommand command);

    std::set<std::size_t> claim(Time lease);
    void mark_queued(std::size_t ticket, int attempt);
    void release(std::size_t ticket, int attempt);

    /// Tickets with the attempt that is asked for.
    std::vector<Taken> take(const std::map<std::size_t, int>& tickets, WorkerId worker, Time lease, Handover handover);
    std::set<std::size_t> mark_in_flight(const std::map<std::size_t, int>& tickets);
    Leases renew(const std::map<std::size_t, int>& tickets, Time lease);
    void give_back(const std::map<std::size_t, int>& tickets);

    /// The tickets of the results are known by their ids. Each message once.
    void record(std::vector<MessageResult> results, Time resolve_within);

    std::vector<ReceiptOutcome> receive(const std::vector<Receipt>& receipts);

    void expire_leases(Time resolve_within);
    void requeue_lost(Time after, Loss loss);
    void match_inbox();
    void finish_cancels(Time resolve_within);
    void expire_broadcasts(Time resolve_within);
    void end_unresolved();
    void complete();

    bool is_held() const { return held_since_.has_value(); }
    void hold();
    void end_hold(const ReleaseOptions& options);

    /// What the store's image must be. The ids of tickets that it tells are learned.
    std::vector<std::string> lines() const;
    void learn(const StoreImage& image);

    const std::vector<Message>& messages() const { return messages_; }
    const std::vector<Ticket>& tickets() const { return tickets_; }
    const std::vector<Broadcast>& broadcasts() const { return broadcasts_; }

private:
    bool runs(const Broadcast& broadcast) const;
    bool is_current(std::size_t ticket, int attempt) const;
    std::vector<Message*> messages_of(std::size_t ticket);
    std::string name_of(std::size_t ticket) const;
    Message* find(const MessageId& id);
    std::optional<std::size_t> find_ticket(const TicketId& id) const;
    MessageFacts facts_of(const Message& message) const;
    TicketFacts facts_of_ticket(const Message& message) const;
    void leave(Message& message, MessageStatus status);
    ReceiptOutcome receive_one(const Receipt& receipt);
    void lose(Message& message, Time resolve_within);
    void note(Message& message, int number, const MessageError& error);
    void expire_lease(std::size_t ticket, Time resolve_within);
    void end_tickets(std::size_t broadcast, MessageStatus end, Time resolve_within);
    bool has_tickets(std::size_t broadcast) const;
    bool has_unknown(std::size_t broadcast) const;

    std::vector<Message> messages_;
    std::vector<Ticket> tickets_;
    std::vector<Broadcast> broadcasts_;
    std::vector<InboxRow> inbox_;
    std::map<std::pair<std::string, std::string>, MessageId> references_; ///< by provider and its id
    std::optional<Time> held_since_;
    Time now_{0};
};

} // namespace smsbcast::test
