#include "smsbcast/app/send_board.hpp"

#include <utility>

namespace smsbcast::app {

namespace {
template <class T>
bool contains(std::span<const T> values, const T& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

template <class T>
T& drawn(std::span<T> candidates, double draw) {
    return candidates[static_cast<std::size_t>(draw * static_cast<double>(candidates.size()))];
}

bool never_tried(const PendingMessage& message) {
    return message.attempts == 0 && message.key_generation == 0 && !message.maybe_sent;
}
} // namespace

void SendBoard::add(TakenTicket taken, DeliveryTag tag, Validity validity) {
    const TicketRef ref = taken.ref;
    if (add_delivery(ref, tag))
        return;
    std::vector<TicketRef> older;
    for (auto it = tickets_.lower_bound(TicketRef{ref.id, 0}); it != tickets_.end() && it->first < ref; ++it)
        older.push_back(it->first);
    for (const auto& old : older)
        drop_unsent(*find(old), Standing::lost);

    Ticket& ticket = tickets_[ref];
    ticket.taken = std::move(taken);
    ticket.tags.push_back(tag);
    ticket.validity = validity;
    if (stopping_)
        drop_unsent(ticket, Standing::unwanted);
    enter(ticket);
    end_if_done(ref);
}

bool SendBoard::add_delivery(const TicketRef& ref, DeliveryTag tag) {
    Ticket* here = find(ref);
    if (here)
        here->tags.push_back(tag);
    return here != nullptr;
}

// To where the ticket waits for its turn: for being marked, or for its messages to go out.
void SendBoard::enter(Ticket& ticket) {
    move(ticket, options_.mark_in_flight && ticket.phase == Phase::held ? Phase::held : Phase::ready, ticket.standing);
    if (ticket.standing == Standing::ours)
        (ticket.phase == Phase::held ? held_ : ready_).add(ticket.taken.broadcast, ticket.taken.ref);
}

std::optional<SendItem> SendBoard::next(TimePoint now) {
    if (unrecorded_ >= options_.most_unrecorded)
        return std::nullopt;
    while (!ready_.empty()) {
        Ticket* ticket = find(ready_.front());
        if (!ticket || ticket->phase != Phase::ready || ticket->standing != Standing::ours || ticket->unsent() == 0) {
            ready_.drop();
            continue;
        }
        if (now >= ticket->usable_until()) {
            move(*ticket, Phase::stale, ticket->standing);
            ready_.drop();
            continue;
        }
        SendItem item = hand_out(*ticket);
        ticket->unsent() == 0 ? ready_.drop() : ready_.pass();
        return item;
    }
    return std::nullopt;
}

SendItem SendBoard::hand_out(Ticket& ticket) {
    SendItem item{ticket.taken.ref,  ticket.taken.broadcast, ticket.taken.messages[ticket.next],
                  ticket.taken.text, ticket.usable_until(),  ticket.validity.lease_until};
    ++ticket.next;
    --ready_messages_;
    ++ticket.in_flight;
    ++in_flight_;
    return item;
}

std::optional<SendItem> SendBoard::probe(TimePoint now, double ticket_draw, double message_draw) {
    Ticket* const ticket = unrecorded_ < options_.most_unrecorded ? any_ready(now, ticket_draw) : nullptr;
    if (!ticket)
        return next(now); // which puts stale tickets away
    const auto unsent = std::span(ticket->taken.messages).subspan(ticket->next);
    const auto tried = std::partition(unsent.begin(), unsent.end(), never_tried);
    const auto candidates = std::span(unsent.begin(), tried == unsent.begin() ? unsent.end() : tried);
    std::swap(unsent.front(), drawn(candidates, message_draw));
    return hand_out(*ticket);
}

SendBoard::Ticket* SendBoard::any_ready(TimePoint now, double draw) {
    std::vector<Ticket*> ready;
    for (auto& [ref, ticket] : tickets_)
        if (ticket.phase == Phase::ready && ticket.standing == Standing::ours && ticket.unsent() > 0 &&
            now < ticket.usable_until())
            ready.push_back(&ticket);
    if (ready.empty())
        return nullptr;
    const auto fresh = std::partition(ready.begin(), ready.end(), [](const Ticket* ticket) {
        return std::ranges::any_of(std::span(ticket->taken.messages).subspan(ticket->next), never_tried);
    });
    return drawn(std::span(ready.begin(), fresh == ready.begin() ? ready.end() : fresh), draw);
}

void SendBoard::finish(MessageResult result) {
    Ticket* ticket = find(result.ticket);
    if (!ticket)
        return;
    --ticket->in_flight;
    --in_flight_;
    ++ticket->unrecorded;
    ++unrecorded_;
    results_.push_back(std::move(result));
}

std::vector<MessageResult> SendBoard::take_results(std::size_t most) {
    const auto end = results_.begin() + static_cast<std::ptrdiff_t>(std::min(most, results_.size()));
    std::vector<MessageResult> taken(std::make_move_iterator(results_.begin()), std::make_move_iterator(end));
    results_.erase(results_.begin(), end);
    return taken;
}

void SendBoard::recorded(std::span<const MessageResult> results) {
    for (const auto& result : results) {
        Ticket* ticket = find(result.ticket);
        if (!ticket)
            continue;
        --ticket->unrecorded;
        --unrecorded_;
        end_if_done(result.ticket);
    }
}

std::vector<TicketRef> SendBoard::to_mark(std::size_t ahead) {
    std::vector<TicketRef> refs;
    while (ready_messages_ + marking_messages_ < ahead && !held_.empty()) {
        Ticket* ticket = find(held_.front());
        held_.drop();
        if (!ticket || ticket->phase != Phase::held || ticket->standing != Standing::ours)
            continue;
        move(*ticket, Phase::marking, ticket->standing);
        refs.push_back(ticket->taken.ref);
    }
    return refs;
}

std::vector<TicketRef> SendBoard::to_mark_for_probe(double draw) {
    if (ready_messages_ + marking_messages_ > 0)
        return {};
    std::vector<TicketRef> candidates;
    for (const auto& [ref, ticket] : tickets_)
        if (ticket.phase == Phase::held && ticket.standing == Standing::ours)
            candidates.push_back(ref);
    if (candidates.empty())
        return {};
    Ticket& ticket = *find(drawn(std::span(candidates), draw));
    move(ticket, Phase::marking, ticket.standing);
    return {ticket.taken.ref};
}

void SendBoard::marked(std::span<const TicketRef> asked, std::span<const TicketRef> ours) {
    for (const auto& ref : asked) {
        Ticket* ticket = find(ref);
        if (!ticket)
            continue;
        enter(*ticket);
        if (!contains(ours, ref))
            drop_unsent(*ticket, Standing::lost);
        end_if_done(ref);
    }
}

void SendBoard::not_marked(std::span<const TicketRef> asked) {
    for (const auto& ref : asked) {
        Ticket* ticket = find(ref);
        if (!ticket)
            continue;
        move(*ticket, Phase::held, ticket->standing);
        enter(*ticket);
        end_if_done(ref);
    }
}

std::size_t SendBoard::renewed(std::span<const TicketRef> asked, const LeaseReport& report, TimePoint lease_until) {
    std::size_t lost = 0;
    for (const auto& ref : asked) {
        Ticket* ticket = find(ref);
        if (!ticket)
            continue;
        if (contains<TicketId>(report.lost, ref.id)) {
            drop_unsent(*ticket, Standing::lost);
            ++lost;
            continue;
        }
        ticket->validity.lease_until = std::max(ticket->validity.lease_until, lease_until);
        trust_again(*ticket);
        if (contains<TicketId>(report.halted, ref.id))
            drop_unsent(*ticket, Standing::unwanted);
    }
    return lost;
}

void SendBoard::checked(std::span<const BroadcastId> asked, std::span<const BroadcastId> not_running,
                        TimePoint state_until) {
    for (auto& [ref, ticket] : tickets_) {
        if (contains(not_running, ticket.taken.broadcast)) {
            drop_unsent(ticket, Standing::unwanted);
        } else if (contains(asked, ticket.taken.broadcast)) {
            ticket.validity.state_until = std::max(ticket.validity.state_until, state_until);
            trust_again(ticket);
        }
    }
}

void SendBoard::give_back_all() {
    for (auto& [ref, ticket] : tickets_)
        drop_unsent(ticket, Standing::unwanted);
}

void SendBoard::stop() {
    stopping_ = true;
    give_back_all();
}

std::vector<TicketRef> SendBoard::to_give_back() const {
    std::vector<TicketRef> refs;
    for (const auto& [ref, ticket] : tickets_)
        if (ticket.standing == Standing::unwanted && ticket.idle())
            refs.push_back(ref);
    return refs;
}

void SendBoard::given_back(std::span<const TicketRef> tickets) {
    for (const auto& ref : tickets)
        end(ref, TicketEnd::given_back);
}

std::vector<EndedTicket> SendBoard::take_ended() {
    return std::exchange(ended_, {});
}

std::vector<TicketRef> SendBoard::held() const {
    std::vector<TicketRef> refs;
    for (const auto& [ref, ticket] : tickets_)
        if (ticket.standing != Standing::lost)
            refs.push_back(ref);
    return refs;
}

std::vector<BroadcastId> SendBoard::broadcasts() const {
    std::vector<BroadcastId> ids;
    for (const auto& [ref, ticket] : tickets_)
        if (ticket.standing == Standing::ours && ticket.unsent() > 0 &&
            !contains<BroadcastId>(ids, ticket.taken.broadcast))
            ids.push_back(ticket.taken.broadcast);
    return ids;
}

SendBoard::Ticket* SendBoard::find(const TicketRef& ref) {
    const auto it = tickets_.find(ref);
    return it == tickets_.end() ? nullptr : &it->second;
}

std::size_t* SendBoard::counter_of(const Ticket& ticket) {
    if (ticket.standing != Standing::ours)
        return nullptr;
    if (ticket.phase == Phase::ready)
        return &ready_messages_;
    return ticket.phase == Phase::marking ? &marking_messages_ : nullptr;
}

void SendBoard::move(Ticket& ticket, Phase phase, Standing standing) {
    if (std::size_t* counter = counter_of(ticket))
        *counter -= ticket.unsent();
    ticket.phase = phase;
    ticket.standing = standing;
    if (std::size_t* counter = counter_of(ticket))
        *counter += ticket.unsent();
}

void SendBoard::trust_again(Ticket& ticket) {
    if (ticket.phase == Phase::stale)
        enter(ticket);
}

// `unwanted` never ends a ticket at once, so a loop over tickets_ may call it; `lost` may.
void SendBoard::drop_unsent(Ticket& ticket, Standing standing) {
    if (ticket.standing == Standing::lost || (standing == Standing::unwanted && ticket.unsent() == 0))
        return;
    move(ticket, ticket.phase, standing);
    if (standing == Standing::lost)
        end_if_done(ticket.taken.ref);
}

void SendBoard::end_if_done(const TicketRef& ref) {
    const Ticket* ticket = find(ref);
    if (!ticket || !ticket->idle())
        return;
    if (ticket->standing == Standing::lost)
        end(ref, TicketEnd::lost);
    else if (ticket->unsent() == 0)
        end(ref, TicketEnd::finished);
}

void SendBoard::end(TicketRef ref, TicketEnd how) {
    const auto it = tickets_.find(ref);
    if (it == tickets_.end())
        return;
    ended_.push_back({ref, it->second.taken.broadcast, how, std::move(it->second.tags)});
    tickets_.erase(it);
}

} // namespace smsbcast::app
