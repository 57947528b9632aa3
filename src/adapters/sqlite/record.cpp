#include "record.hpp"

#include "hold.hpp"
#include "moves.hpp"
#include "query.hpp"
#include "record_statements.hpp"
#include "ticket_rows.hpp"

#include "smsbcast/base/chaos.hpp"
#include "smsbcast/domain/message_rules.hpp"
#include "smsbcast/domain/message_text.hpp"
#include "smsbcast/domain/retry_tickets.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace smsbcast::adapters::sqlite {

namespace {

struct Found {
    MessageFacts facts;
    std::string error_class;    ///< what the view of the facts looks at
    std::optional<Uuid> ticket; ///< of one that is in a ticket
    BroadcastId broadcast;
};

/// A ticket of messages to be retried, as it grows.
struct NewTicket {
    BroadcastId broadcast;
    std::vector<MessageId> messages;
    std::chrono::milliseconds delay{0};
};

std::optional<std::string> cleaned(const std::optional<std::string>& text) {
    return text ? std::optional(clean_text(*text)) : std::nullopt;
}

// The last step of a worker: what the provider answered is written, message by message, by the
// domain's rules. Counts, new tickets and finished tickets are gathered on the way and written once
// at the end.
class Recording {
public:
    Recording(Transaction& transaction, std::int64_t resolve_within)
        : transaction_(transaction), db_(transaction.db), resolve_within_(resolve_within) {}

    void apply(const MessageResult& result);
    void finish();

private:
    struct Held {
        TicketRef ref;
        bool is_held = false;
        std::optional<std::int64_t> queued_at;
    };

    std::optional<Found> find(MessageId id);
    const Held& held(const TicketRef& ref);
    void step(const MessageResult& result, MessageStatus from, std::optional<TicketId> ticket,
              std::optional<std::int64_t> queued_at);
    void complete(const MessageResult& result);
    void note(const MessageResult& result, const Found& found);
    TicketId retry(const MessageResult& result, BroadcastId broadcast);

    Transaction& transaction_;
    Connection& db_;
    std::int64_t resolve_within_;
    std::unordered_map<TicketId, std::vector<Held>> held_;
    RetryTickets retry_ids_;
    std::map<TicketId, NewTicket> retries_;
    Moves moves_;
};

std::optional<Found> Recording::find(MessageId id) {
    Query row(db_, sql::kMessageState, id);
    if (!row.next())
        return std::nullopt;
    Found found;
    found.error_class = row.text(4);
    found.facts.status = static_cast<MessageStatus>(row.small(0));
    found.facts.has_sent_at = !row.is_null(3);
    found.facts.attempts = row.small(5);
    found.ticket = row.maybe_uuid(1);
    found.broadcast = BroadcastId{row.uuid(2)};
    return found;
}

// A ticket that is held at the beginning is held to the end of the batch: it ends, if at all, when
// finish() runs. So one look per ticket serves a hundred results.
const Recording::Held& Recording::held(const TicketRef& ref) {
    auto& known = held_[ref.id];
    for (const auto& one : known)
        if (one.ref == ref)
            return one;
    const auto ticket = find_ticket(db_, ref.id);
    const bool is_held = ticket && ticket->fence == ref.fence && ticket->lease_owner;
    // A batch may name one ticket under two fences, when it was lost and taken again; each is
    // judged for itself.
    known.push_back({ref, is_held, is_held ? ticket->queued_at : std::nullopt});
    return known.back();
}

void Recording::apply(const MessageResult& result) {
    auto found = find(result.message);
    // The message can only be missing if the file was edited by hand.
    if (!found)
        return;
    // The facts hold a view. It is set here, where the string has come to rest, and not in find(),
    // whose return moves it.
    found->facts.error_class = found->error_class;
    const auto& ticket = held(result.ticket);
    // Both must hold: the worker's lease on the ticket and the message's being in it. A receipt may
    // have taken the message out while the request was under way.
    const bool in_it = ticket.is_held && found->ticket == result.ticket.id.value;
    const auto effect = effect_of_result(result.verdict, found->facts, in_it);
    switch (effect) {
    case ResultEffect::none: return;
    case ResultEffect::completes: complete(result); break;
    case ResultEffect::leaves: {
        const bool again = result.verdict.step == NextStep::retry;
        step(result, found->facts.status, again ? std::optional(retry(result, found->broadcast)) : std::nullopt,
             ticket.queued_at);
        moves_.leave(found->broadcast, result.ticket.id);
        note(result, *found);
        break;
    }
    // The message left its ticket when it became unknown, so no ticket is touched.
    case ResultEffect::resolves: step(result, found->facts.status, std::nullopt, std::nullopt); break;
    }
    // A completed message keeps its status, so the counts stay. The mutant exists in the chaos
    // build alone and shows that the checkers notice it.
    if (effect != ResultEffect::completes || chaos::mutant("counts_unguarded"))
        moves_.count(found->broadcast, found->facts.status, status_after(result.verdict.step));
    for (const auto& provider_id : result.references)
        db_.run(sql::kNoteReference, result.provider, clean_text(provider_id), result.message);
}

void Recording::step(const MessageResult& result, MessageStatus from, std::optional<TicketId> ticket,
                     std::optional<std::int64_t> queued_at) {
    const auto& verdict = result.verdict;
    const auto now = transaction_.now;
    const auto status = status_after(verdict.step);
    const auto sent_at = was_taken(verdict) ? std::optional(now) : std::nullopt;
    const auto resolve_by = verdict.step == NextStep::unknown ? std::optional(now + resolve_within_) : std::nullopt;
    std::optional<std::string> code, error_class, message;
    if (verdict.error) {
        code = clean_text(verdict.error->code);
        error_class = clean_text(verdict.error->error_class);
        message = clean_text(verdict.error->message);
    }
    const auto run = [&](const Statement& statement, const auto&... more) {
        db_.run(statement, result.message, static_cast<int>(status), ticket, verdict.attempts, verdict.key_generation,
                verdict.maybe_sent, queued_at, sent_at, cleaned(result.provider_id), code, error_class, message,
                result.provider, more...);
    };
    // Assigning resolve_by touches its index, also when the value stays; most steps leave it out.
    if (from == MessageStatus::unknown || status == MessageStatus::unknown)
        run(sql::kStepUnknown, resolve_by);
    else
        run(sql::kStepMessage);
}

void Recording::complete(const MessageResult& result) {
    const auto& verdict = result.verdict;
    db_.run(sql::kCompleteMessage, result.message, verdict.attempts, verdict.key_generation, verdict.maybe_sent,
            transaction_.now, cleaned(result.provider_id), result.provider);
}

void Recording::note(const MessageResult& result, const Found& found) {
    const auto& error = result.verdict.error;
    if (belongs_in_history(result.verdict, found.facts))
        db_.run(sql::kNoteAttempt, result.message, transaction_.now, result.verdict.attempts, clean_text(error->code),
                clean_text(error->error_class), clean_text(error->message));
}

TicketId Recording::retry(const MessageResult& result, BroadcastId broadcast) {
    const auto [id, delay] = retry_ids_.place_for(result.ticket, result.verdict);
    auto& ticket = retries_[id];
    ticket.broadcast = broadcast;
    ticket.messages.push_back(result.message);
    ticket.delay = std::max(ticket.delay, delay);
    return id;
}

void Recording::finish() {
    // Results come in order of message, so the ids of each new ticket ascend and its range is first
    // to last.
    for (const auto& [id, ticket] : retries_) {
        db_.run(sql::kInsertRetry, ticket.broadcast, id, ticket.messages.front(), ticket.messages.back(),
                Blob{join_ids(ticket.messages)}, ticket.messages.size(), transaction_.now + ticket.delay.count());
        // The relay is woken only for what it can claim now; a later ticket is found by its
        // polling.
        if (ticket.delay.count() <= 0)
            transaction_.made_due = true;
    }
    moves_.write(db_);
}

} // namespace

void sort_results(std::vector<MessageResult>& results) {
    std::stable_sort(results.begin(), results.end(), [](const MessageResult& a, const MessageResult& b) {
        return std::tie(a.message, a.ticket.fence) < std::tie(b.message, b.ticket.fence);
    });
}

void record_results(Transaction& transaction, const std::vector<MessageResult>& results, std::int64_t resolve_within) {
    Recording recording(transaction, resolve_within);
    for (const auto& result : results)
        recording.apply(result);
    recording.finish();
    // This moves the count by which an older copy of the file is recognised; the writer puts it
    // into the mark before the worker is answered.
    count_handed_over(transaction, results.size());
}

} // namespace smsbcast::adapters::sqlite
