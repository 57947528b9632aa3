#pragma once

#include "smsbcast/app/fair_turns.hpp"
#include "smsbcast/base/deadline.hpp"
#include "smsbcast/domain/ticket.hpp"
#include "smsbcast/ports/message_queue.hpp"
#include "smsbcast/ports/ticket_store.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace smsbcast::app {

struct SendBoardOptions {
    bool mark_in_flight = false;        ///< a ticket's messages go out only after marked()
    std::size_t most_unrecorded = 2000; ///< nothing more goes out while as many results are not recorded
};

/// A message that is to go out now. Each ends with one finish().
struct SendItem {
    TicketRef ticket;
    BroadcastId broadcast;
    PendingMessage message;
    std::shared_ptr<const std::string> text;
    Deadline::Clock::time_point start_before; ///< it may begin its way to the provider until then
    Deadline::Clock::time_point lease_until;  ///< nothing of it may reach the provider after this
};

enum class TicketEnd {
    finished,   ///< all of its messages are recorded
    given_back, ///< what was not sent is in the outbox again
    lost,       ///< not ours any more
};

/// A ticket that left the board. Only now may its deliveries be acknowledged.
struct EndedTicket {
    TicketRef ref;
    BroadcastId broadcast;
    TicketEnd end = TicketEnd::finished;
    std::vector<DeliveryTag> tags;
};

/// What a worker has in hand: which message goes out next, what is on its way, what is not recorded yet, what must go
/// back. Pure: it knows no port, and time comes in as an argument.
///
/// A ticket leaves the board when nothing of it is on its way or unrecorded, and then in one of three ways: everything
/// of it was recorded, or its rest was given back, or it was lost. Tickets that are not on the board are ignored in
/// every call, since answers may come after the ticket has left.
class SendBoard {
public:
    using TimePoint = Deadline::Clock::time_point;
    using Options = SendBoardOptions;

    explicit SendBoard(Options options) : options_(options) {}

    /// It says until when, by our own clock, the word of the store holds that the ticket is ours, that its broadcast
    /// runs, and that it has not expired.
    struct Validity {
        TimePoint lease_until;
        TimePoint state_until;
        TimePoint expires_at = TimePoint::max();
    };

    /// An older attempt of the ticket is lost.
    void add(TakenTicket ticket, DeliveryTag tag, Validity validity);

    /// A further delivery of a ticket that is here: true when it is, and then it has the tag as well.
    bool add_delivery(const TicketRef& ticket, DeliveryTag tag);

    /// The next message: in turns between broadcasts, oldest ticket first. None while too many results are unrecorded,
    /// after stop(), and of tickets whose validity has ended.
    std::optional<SendItem> next(TimePoint now);

    /// Gives a message that probes whether the provider is right again. It is drawn from any place of any ticket, and
    /// is one that was never tried where there is one: those that the provider would refuse anyway could otherwise
    /// stand in front of all others for ever. The draws are in [0, 1).
    std::optional<SendItem> probe(TimePoint now, double ticket_draw, double message_draw);
    void finish(MessageResult result);

    /// Takes up to `most` results out to be recorded. They count as unrecorded until recorded() is told of them.
    std::vector<MessageResult> take_results(std::size_t most);
    void recorded(std::span<const MessageResult> results);

    /// Tickets to mark in flight now so that `ahead` messages are ready to go out; they wait for marked() or
    /// not_marked().
    std::vector<TicketRef> to_mark(std::size_t ahead);

    /// Gives one ticket for probe(), unless one is ready or on its way to it. `draw` in [0, 1).
    std::vector<TicketRef> to_mark_for_probe(double draw);
    void marked(std::span<const TicketRef> asked, std::span<const TicketRef> ours);
    void not_marked(std::span<const TicketRef> asked);

    /// The store's answer to a renewal of `asked`. How many tickets that are still here turned out to be lost; one that
    /// ended while the store was asked counts for nothing.
    std::size_t renewed(std::span<const TicketRef> asked, const LeaseReport& report, TimePoint lease_until);

    /// The store's answer to whether `asked` run: those that do not are halted, their tickets' unsent messages kept for
    /// to_give_back().
    void checked(std::span<const BroadcastId> asked, std::span<const BroadcastId> not_running, TimePoint state_until);

    /// Hands nothing more out of the tickets that are here, and gives back what of them is not sent.
    void give_back_all();

    /// Does the same, and goes on to do it with tickets that are still added.
    void stop();

    /// Gives the tickets with unsent messages that must not go out, and with nothing on its way or unrecorded.
    std::vector<TicketRef> to_give_back() const;
    void given_back(std::span<const TicketRef> tickets);

    /// Gives those that left since the last call.
    std::vector<EndedTicket> take_ended();

    std::vector<TicketRef> held() const;         ///< whose lease is to be kept
    std::vector<BroadcastId> broadcasts() const; ///< of tickets with messages that may still go out
    std::size_t tickets() const { return tickets_.size(); }
    bool empty() const { return tickets_.empty(); }
    std::size_t ready() const { return ready_messages_; } ///< messages that next() could give as far as tickets go
    std::size_t in_flight() const { return in_flight_; }
    std::size_t results() const { return results_.size(); }
    std::size_t unrecorded() const { return unrecorded_; } ///< results() and those taken out

private:
    enum class Phase {
        held,    ///< to be marked in flight first
        marking, ///< the store is being told
        ready,   ///< in ready_
        stale,   ///< its validity has ended
    };
    enum class Standing { ours, unwanted, lost };

    struct Ticket {
        TakenTicket taken;
        std::vector<DeliveryTag> tags;
        Validity validity;
        std::size_t next = 0; ///< messages before it were handed out
        std::size_t in_flight = 0;
        std::size_t unrecorded = 0;
        Phase phase = Phase::held;
        Standing standing = Standing::ours;

        std::size_t unsent() const { return taken.messages.size() - next; }
        bool idle() const { return in_flight == 0 && unrecorded == 0 && phase != Phase::marking; }
        TimePoint usable_until() const {
            return std::min({validity.lease_until, validity.state_until, validity.expires_at});
        }
    };
    using Tickets = std::map<TicketRef, Ticket>;

    Ticket* find(const TicketRef& ref);
    Ticket* any_ready(TimePoint now, double draw);
    SendItem hand_out(Ticket& ticket);
    void move(Ticket& ticket, Phase phase, Standing standing);
    void enter(Ticket& ticket);
    void trust_again(Ticket& ticket);
    void drop_unsent(Ticket& ticket, Standing standing);
    std::size_t* counter_of(const Ticket& ticket);
    void end_if_done(const TicketRef& ref);
    void end(TicketRef ref, TicketEnd how);

    Options options_;
    Tickets tickets_;
    FairTurns held_;
    FairTurns ready_;
    std::deque<MessageResult> results_;
    std::vector<EndedTicket> ended_;
    std::size_t ready_messages_ = 0;
    std::size_t marking_messages_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t unrecorded_ = 0;
    bool stopping_ = false;
};

} // namespace smsbcast::app
