#include "store_model.hpp"

#include "smsbcast/domain/retry_tickets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace smsbcast::test {

using enum MessageStatus;

namespace {

constexpr int kAheadOfAnyCopy = 1000; // attempts, by which a release moves every ticket on

template <class Id>
std::string hex(const Id& id) {
    auto text = to_string(id);
    std::erase(text, '-');
    return text;
}

std::string or_dash(const std::optional<std::string>& text) {
    return text.value_or("-");
}

template <class Time>
int is_set(const std::optional<Time>& time) {
    return time ? 1 : 0;
}

} // namespace

bool StoreModel::runs(const Broadcast& broadcast) const {
    return broadcast.status == BroadcastStatus::running && (!broadcast.expires_at || *broadcast.expires_at > now_);
}

bool StoreModel::is_current(std::size_t ticket, int attempt) const {
    return tickets_.at(ticket).left > 0 && tickets_.at(ticket).facts.fence == attempt;
}

std::vector<StoreModel::Message*> StoreModel::messages_of(std::size_t ticket) {
    std::vector<Message*> found;
    for (auto& message : messages_)
        if (message.ticket == ticket)
            found.push_back(&message);
    return found;
}

StoreModel::Message* StoreModel::find(const MessageId& id) {
    const auto at = std::ranges::find(messages_, id, &Message::id);
    return at == messages_.end() ? nullptr : &*at;
}

std::optional<std::size_t> StoreModel::find_ticket(const TicketId& id) const {
    for (std::size_t place = 0; place < tickets_.size(); ++place)
        if (tickets_[place].id == id)
            return place;
    return std::nullopt;
}

MessageFacts StoreModel::facts_of(const Message& message) const {
    auto facts = message.facts;
    facts.error_class = message.error ? std::string_view(message.error->error_class) : std::string_view();
    return facts;
}

TicketFacts StoreModel::facts_of_ticket(const Message& message) const {
    return message.ticket ? tickets_.at(*message.ticket).facts : TicketFacts{};
}

void StoreModel::leave(Message& message, MessageStatus status) {
    auto& ticket = tickets_.at(*message.ticket);
    message.was_queued = message.was_queued || ticket.queued_at;
    message.facts.status = status;
    message.ticket.reset();
    --ticket.left;
}

void StoreModel::create(BroadcastId id, const std::vector<MessageId>& messages, int ticket_size,
                        std::optional<Time> expires_in) {
    const auto broadcast = broadcasts_.size();
    broadcasts_.push_back({id, BroadcastStatus::running, {}, now_});
    if (expires_in)
        broadcasts_.back().expires_at = now_ + *expires_in;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (i % static_cast<std::size_t>(ticket_size) == 0) {
            Ticket ticket;
            ticket.broadcast = broadcast;
            ticket.facts.is_first = true;
            ticket.due_at = now_;
            tickets_.push_back(ticket);
        }
        Message message;
        message.id = messages[i];
        message.broadcast = broadcast;
        message.ticket = tickets_.size() - 1;
        ++tickets_.back().left;
        messages_.push_back(std::move(message));
    }
}

std::optional<BroadcastStatus> StoreModel::command(std::size_t broadcast, BroadcastCommand command) {
    const auto next = after(broadcasts_.at(broadcast).status, command);
    if (next)
        broadcasts_.at(broadcast).status = *next;
    return next;
}

std::set<std::size_t> StoreModel::claim(Time lease) {
    std::set<std::size_t> claimed;
    for (std::size_t place = 0; place < tickets_.size(); ++place) {
        auto& ticket = tickets_[place];
        if (ticket.left == 0 || is_held() || !ticket.due_at || *ticket.due_at > now_ ||
            !runs(broadcasts_.at(ticket.broadcast)))
            continue;
        ticket.due_at = now_ + lease;
        claimed.insert(place);
    }
    return claimed;
}

void StoreModel::mark_queued(std::size_t ticket, int attempt) {
    auto& row = tickets_.at(ticket);
    if (!is_current(ticket, attempt) || !row.due_at)
        return;
    row.queued_at = now_;
    row.due_at.reset();
}

void StoreModel::release(std::size_t ticket, int attempt) {
    if (is_current(ticket, attempt) && tickets_.at(ticket).due_at)
        tickets_.at(ticket).due_at = now_;
}

std::vector<StoreModel::Taken> StoreModel::take(const std::map<std::size_t, int>& tickets, WorkerId worker, Time lease,
                                                Handover handover) {
    for (const auto& [place, attempt] : tickets)
        if (tickets_.at(place).left > 0 && tickets_.at(place).facts.fence < attempt)
            hold(); // the queue cannot know of an attempt before the store does
    std::vector<Taken> taken;
    for (const auto& [place, attempt] : tickets) {
        auto& ticket = tickets_.at(place);
        const bool is_free = is_current(place, attempt) && !ticket.owner;
        const bool asks_again = is_current(place, attempt + 1) && ticket.owner == worker;
        if (!is_free && !asks_again)
            continue;
        ticket.facts.fence = attempt + 1;
        ticket.requeues = 0;
        const bool goes = !is_held() && runs(broadcasts_.at(ticket.broadcast));
        ticket.facts.at_once = goes && handover != Handover::after_mark;
        ticket.owner = goes ? std::optional(worker) : std::nullopt;
        ticket.lease_until = goes ? std::optional(now_ + lease) : std::nullopt;
        ticket.queued_at = goes ? std::optional(ticket.queued_at.value_or(now_)) : std::nullopt;
        ticket.due_at = goes ? std::nullopt : std::optional(now_);
        if (!goes)
            continue;
        taken.push_back({place, attempt + 1, {}});
        for (auto* message : messages_of(place)) {
            const bool maybe_sent = message->facts.maybe_sent || ticket.facts.interrupted;
            if (handover == Handover::flagged && maybe_sent)
                message->possible_duplicate = true;
            taken.back().messages.push_back({message->id, PhoneNumber::from_digits(0), message->facts.attempts,
                                             message->key_generation, maybe_sent,
                                             was_refused_before(facts_of(*message))});
        }
    }
    return taken;
}

std::set<std::size_t> StoreModel::mark_in_flight(const std::map<std::size_t, int>& tickets) {
    std::set<std::size_t> begun;
    for (const auto& [place, attempt] : tickets) {
        auto& ticket = tickets_.at(place);
        if (!is_current(place, attempt) || !ticket.lease_until || *ticket.lease_until <= now_)
            continue;
        ticket.facts.begun = true;
        begun.insert(place);
    }
    return begun;
}

StoreModel::Leases StoreModel::renew(const std::map<std::size_t, int>& tickets, Time lease) {
    Leases leases;
    for (const auto& [place, attempt] : tickets) {
        auto& ticket = tickets_.at(place);
        if (!is_current(place, attempt) || !ticket.owner) {
            leases.lost.insert(place);
            continue;
        }
        ticket.lease_until = now_ + lease;
        if (is_held() || !runs(broadcasts_.at(ticket.broadcast)))
            leases.halted.insert(place);
    }
    return leases;
}

void StoreModel::give_back(const std::map<std::size_t, int>& tickets) {
    for (const auto& [place, attempt] : tickets) {
        auto& ticket = tickets_.at(place);
        if (!is_current(place, attempt) || !ticket.owner)
            continue;
        ticket.owner.reset();
        ticket.lease_until.reset();
        ticket.queued_at.reset();
        ticket.due_at = now_;
        ticket.facts.begun = ticket.facts.at_once = false;
    }
}

void StoreModel::note(Message& message, int number, const MessageError& error) {
    message.history.push_back(fmt::format("{}:{}:{}", number, error.error_class, error.code));
}

void StoreModel::record(std::vector<MessageResult> results, Time resolve_within) {
    std::ranges::sort(results, {}, &MessageResult::message);
    RetryTickets places;
    std::map<TicketId, std::size_t> retries;
    for (const auto& result : results) {
        auto* const message = find(result.message);
        const auto ticket = find_ticket(result.ticket.id);
        const bool held = ticket && is_current(*ticket, result.ticket.fence) && tickets_.at(*ticket).owner &&
                          message->ticket == ticket;
        const auto& verdict = result.verdict;
        const auto before = facts_of(*message);
        const auto effect = effect_of_result(verdict, before, held);
        if (effect == ResultEffect::none)
            continue;
        if (effect == ResultEffect::leaves) {
            if (belongs_in_history(verdict, before))
                note(*message, verdict.attempts, *verdict.error);
            leave(*message, status_after(verdict.step));
            if (verdict.step == NextStep::retry) {
                const auto [id, delay] = places.place_for(result.ticket, verdict);
                const auto [at, fresh] = retries.try_emplace(id, tickets_.size());
                if (fresh) {
                    tickets_.emplace_back();
                    tickets_.back().broadcast = message->broadcast;
                    tickets_.back().due_at = now_;
                }
                auto& next = tickets_.at(at->second);
                next.due_at = std::max(*next.due_at, now_ + delay);
                ++next.left;
                message->ticket = at->second;
            }
        }
        if (effect != ResultEffect::completes) {
            message->facts.status = status_after(verdict.step);
            message->error = verdict.error;
            message->resolve_by =
                verdict.step == NextStep::unknown ? std::optional(now_ + resolve_within) : std::nullopt;
        }
        message->facts.attempts = verdict.attempts;
        message->key_generation = verdict.key_generation;
        message->facts.maybe_sent = verdict.maybe_sent;
        message->facts.has_sent_at = message->facts.has_sent_at || was_taken(verdict);
        if (result.provider_id || !message->provider_id)
            message->provider = result.provider;
        if (result.provider_id)
            message->provider_id = result.provider_id;
        for (const auto& id : result.references)
            references_.try_emplace({result.provider, id}, result.message);
    }
}

ReceiptOutcome StoreModel::receive_one(const Receipt& receipt) {
    auto* message = receipt.message ? find(*receipt.message) : nullptr;
    if (const auto known = references_.find({receipt.provider, receipt.provider_id});
        !message && known != references_.end())
        message = find(known->second);
    if (!message)
        return ReceiptOutcome::kept;
    const auto facts = facts_of(*message);
    if (shows_older_copy(facts, facts_of_ticket(*message)))
        hold();
    const auto outcome = effect_of_receipt(receipt.delivered, facts, facts_of_ticket(*message));
    if (outcome != ReceiptOutcome::applied)
        return outcome;
    const auto status = receipt.delivered ? delivered : failed;
    if (message->ticket)
        leave(*message, status);
    message->facts.status = status;
    message->facts.attempts = std::max(message->facts.attempts, 1);
    message->was_delivered = receipt.delivered;
    message->resolve_by.reset();
    const bool names_id = !message->provider_id && !receipt.provider_id.empty();
    if (names_id || !message->provider)
        message->provider = receipt.provider;
    if (names_id)
        message->provider_id = receipt.provider_id;
    message->error = receipt.delivered ? std::nullopt : std::optional(not_delivered(receipt.error_code));
    return outcome;
}

std::vector<ReceiptOutcome> StoreModel::receive(const std::vector<Receipt>& receipts) {
    std::vector<ReceiptOutcome> outcomes;
    for (const auto& receipt : receipts) {
        outcomes.push_back(receive_one(receipt));
        if (outcomes.back() == ReceiptOutcome::kept)
            inbox_.push_back({receipt, 0});
    }
    return outcomes;
}

void StoreModel::match_inbox() {
    std::erase_if(inbox_, [this](InboxRow& row) {
        const bool matched = receive_one(row.receipt) != ReceiptOutcome::kept;
        ++row.tries;
        return matched;
    });
}

void StoreModel::lose(Message& message, Time resolve_within) {
    leave(message, unknown);
    ++message.facts.attempts;
    message.facts.maybe_sent = true;
    message.resolve_by = now_ + resolve_within;
    message.error = lost_attempt();
    note(message, message.facts.attempts, lost_attempt());
}

void StoreModel::expire_lease(std::size_t place, Time resolve_within) {
    for (auto* message : messages_of(place)) {
        switch (effect_of_lost_lease(tickets_[place].facts, message->possible_duplicate)) {
        case LostLease::again: break;
        case LostLease::again_and_noted: note(*message, message->facts.attempts, lost_attempt()); break;
        case LostLease::unknown: lose(*message, resolve_within); break;
        }
    }
    auto& ticket = tickets_[place];
    ticket.owner.reset();
    ticket.lease_until.reset();
    ticket.queued_at.reset();
    ticket.due_at = now_;
    ticket.facts.interrupted = ticket.facts.interrupted || ticket.facts.at_once;
    ticket.facts.at_once = false;
}

void StoreModel::expire_leases(Time resolve_within) {
    for (std::size_t place = 0; place < tickets_.size() && !is_held(); ++place)
        if (tickets_[place].left > 0 && tickets_[place].lease_until && *tickets_[place].lease_until < now_)
            expire_lease(place, resolve_within);
}

void StoreModel::requeue_lost(Time after, Loss loss) {
    for (auto& ticket : tickets_) {
        const auto wait = loss == Loss::suspected ? after * (1 << ticket.requeues) : after;
        if (ticket.left == 0 || !ticket.queued_at || ticket.owner || now_ - *ticket.queued_at < wait)
            continue;
        ticket.queued_at.reset();
        ticket.due_at = now_;
        ticket.requeues = std::min(ticket.requeues + 1, kMaxRequeues);
    }
}

void StoreModel::end_tickets(std::size_t broadcast, MessageStatus end, Time resolve_within) {
    for (auto& message : messages_) {
        if (!message.ticket || message.broadcast != broadcast || tickets_.at(*message.ticket).owner)
            continue;
        const bool maybe_sent = message.facts.maybe_sent || tickets_.at(*message.ticket).facts.interrupted;
        leave(message, end_of_waiting(end, maybe_sent));
        if (!maybe_sent)
            continue;
        message.facts.maybe_sent = true;
        message.resolve_by = now_ + resolve_within;
        if (!message.error)
            message.error = lost_attempt();
    }
}

void StoreModel::finish_cancels(Time resolve_within) {
    for (std::size_t place = 0; place < broadcasts_.size(); ++place) {
        if (broadcasts_[place].status != BroadcastStatus::canceling)
            continue;
        end_tickets(place, canceled, resolve_within);
        if (!has_tickets(place))
            broadcasts_[place].status = BroadcastStatus::canceled;
    }
}

void StoreModel::expire_broadcasts(Time resolve_within) {
    for (std::size_t place = 0; place < broadcasts_.size(); ++place) {
        const auto& [id, status, expires_at, created_at] = broadcasts_[place];
        const bool goes_on = status == BroadcastStatus::running || status == BroadcastStatus::paused;
        if (goes_on && expires_at && *expires_at <= now_)
            end_tickets(place, expired, resolve_within);
    }
}

void StoreModel::end_unresolved() {
    for (auto& message : messages_) {
        if (!message.resolve_by || *message.resolve_by > now_)
            continue;
        message.facts.status = end_of_unknown(facts_of(message));
        message.resolve_by.reset();
        if (message.facts.status == failed)
            message.error =
                MessageError{message.error->code, std::string(kUnknownClass), std::string(kNoReceiptInTime)};
    }
}

bool StoreModel::has_tickets(std::size_t broadcast) const {
    return std::ranges::any_of(tickets_,
                               [=](const Ticket& ticket) { return ticket.broadcast == broadcast && ticket.left > 0; });
}

bool StoreModel::has_unknown(std::size_t broadcast) const {
    return std::ranges::any_of(messages_, [=](const Message& message) {
        return message.broadcast == broadcast && message.facts.status == unknown;
    });
}

void StoreModel::complete() {
    for (std::size_t place = 0; place < broadcasts_.size(); ++place) {
        auto& status = broadcasts_[place].status;
        const bool goes_on = status == BroadcastStatus::running || status == BroadcastStatus::paused;
        if (goes_on && !has_tickets(place) && !has_unknown(place))
            status = BroadcastStatus::completed;
    }
}

void StoreModel::hold() {
    if (!held_since_)
        held_since_ = now_;
}

void StoreModel::end_hold(const ReleaseOptions& options) {
    if (!is_held())
        return;
    for (auto& message : messages_) {
        const auto& broadcast = broadcasts_.at(message.broadcast);
        const bool goes_on =
            broadcast.status == BroadcastStatus::running || broadcast.status == BroadcastStatus::paused;
        if (!options.assume_sent_since || !message.ticket || !goes_on || broadcast.created_at > *held_since_)
            continue;
        leave(message, unknown);
        message.facts.maybe_sent = message.facts.has_sent_at = true;
        message.resolve_by = now_ + options.resolve_within;
        message.error = MessageError{std::string(kRestored), std::string(kAssumedSent),
                                     assumed_sent_sentence(*options.assume_sent_since)};
    }
    for (auto& ticket : tickets_) {
        if (ticket.owner && *ticket.lease_until >= now_)
            continue;
        ticket.facts.fence += kAheadOfAnyCopy;
        if (ticket.owner)
            continue;
        ticket.queued_at.reset();
        ticket.due_at = ticket.due_at.value_or(now_);
    }
    held_since_.reset();
}

std::string StoreModel::name_of(std::size_t ticket) const {
    const auto at = std::ranges::find(messages_, std::optional(ticket), &Message::ticket);
    return at == messages_.end() ? "-" : hex(at->id);
}

void StoreModel::learn(const StoreImage& image) {
    for (std::size_t place = 0; place < tickets_.size(); ++place)
        if (const auto known = image.tickets.find(name_of(place)); known != image.tickets.end())
            tickets_[place].id = known->second;
}

std::vector<std::string> StoreModel::lines() const {
    std::vector<std::string> lines;
    for (const auto& m : messages_) {
        const auto error = m.error.value_or(MessageError{"-", "-", "-"});
        lines.push_back(fmt::format("message {} {} attempts={} generation={} maybe_sent={:d} duplicate={:d} "
                                    "queued={:d} sent={:d} delivered={:d} "
                                    "resolves={} provider={}/{} error={}/{}/{} ticket={} history={}",
                                    hex(m.id), to_string(m.facts.status), m.facts.attempts, m.key_generation,
                                    m.facts.maybe_sent, m.possible_duplicate, m.was_queued, m.facts.has_sent_at,
                                    m.was_delivered, is_set(m.resolve_by), or_dash(m.provider), or_dash(m.provider_id),
                                    error.code, error.error_class, error.message, m.ticket ? name_of(*m.ticket) : "-",
                                    fmt::join(m.history, ",")));
    }
    for (std::size_t place = 0; place < tickets_.size(); ++place) {
        const auto& t = tickets_[place];
        if (t.left > 0)
            lines.push_back(
                fmt::format("ticket {} first={:d} attempt={} left={} due={} queued={} taken={} begun={:d} at_once={:d} "
                            "interrupted={:d} requeues={}",
                            name_of(place), t.facts.is_first, t.facts.fence, t.left,
                            !t.due_at          ? "-"
                            : *t.due_at > now_ ? "later"
                                               : "now",
                            is_set(t.queued_at), is_set(t.lease_until), t.facts.begun, t.facts.at_once,
                            t.facts.interrupted, t.requeues));
    }
    for (std::size_t place = 0; place < broadcasts_.size(); ++place) {
        StatusCounts counts;
        for (const auto& message : messages_)
            if (message.broadcast == place)
                ++counts[message.facts.status];
        lines.push_back(fmt::format("broadcast {} {} sent={} unknown={} delivered={} failed={} canceled={} expired={}",
                                    hex(broadcasts_[place].id), to_string(broadcasts_[place].status), counts[sent],
                                    counts[unknown], counts[delivered], counts[failed], counts[canceled],
                                    counts[expired]));
    }
    for (const auto& [receipt, tries] : inbox_)
        lines.push_back(fmt::format("receipt tries={} message={} provider={}/{} delivered={:d} code={}", tries,
                                    receipt.message ? hex(*receipt.message) : "-", receipt.provider,
                                    receipt.provider_id, receipt.delivered, or_dash(receipt.error_code)));
    for (const auto& [reference, message] : references_)
        lines.push_back(fmt::format("reference {}/{} {}", reference.first, reference.second, hex(message)));
    lines.push_back(fmt::format("held={:d}", is_held()));
    std::ranges::sort(lines);
    return lines;
}

} // namespace smsbcast::test
