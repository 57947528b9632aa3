#include "database.hpp"
#include "lock_statements.hpp"
#include "result_rows.hpp"
#include "ticket_arrays.hpp"
#include "ticket_statements.hpp"

#include "smsbcast/domain/hold.hpp"
#include "smsbcast/domain/message_rules.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// The text of a broadcast is held once and shared, since a worker holds several tickets of the same
// one.
std::vector<TakenTicket> read_tickets(const Rows& tickets, const Rows& messages) {
    std::vector<TakenTicket> taken;
    std::unordered_map<BroadcastId, std::shared_ptr<const std::string>> texts;
    std::unordered_map<Uuid, std::size_t> places;
    for (int row = 0; row < tickets.size(); ++row) {
        TakenTicket ticket;
        ticket.ref = {TicketId{tickets.uuid(row, 0)}, tickets.integer(row, 1)};
        ticket.broadcast = BroadcastId{tickets.uuid(row, 2)};
        auto& text = texts[ticket.broadcast];
        if (!text)
            text = std::make_shared<const std::string>(tickets.text(row, 3));
        ticket.text = text;
        if (!tickets.is_null(row, 4))
            ticket.expires_in = std::chrono::milliseconds(tickets.bigint(row, 4));
        places.emplace(ticket.ref.id.value, taken.size());
        taken.push_back(std::move(ticket));
    }
    for (int row = 0; row < messages.size(); ++row) {
        const auto place = places.find(messages.uuid(row, 0));
        // The two statements see different snapshots. A message of a ticket that the first did not
        // give out is nobody's business here.
        if (place == places.end())
            continue;
        taken[place->second].messages.push_back(
            {MessageId{messages.uuid(row, 1)},
             PhoneNumber::from_digits(static_cast<std::uint64_t>(messages.bigint(row, 2))), messages.integer(row, 3),
             messages.integer(row, 4), messages.boolean(row, 5), messages.boolean(row, 6)});
    }
    return taken;
}

// Messages are locked before tickets (lock_statements.hpp).
void append_locks(Transaction& transaction, const std::vector<TicketRef>& tickets) {
    Params ids;
    ids.uuids(tickets, [](const TicketRef& ticket) { return ticket.id.value; });
    transaction.push_back({&sql::kLockTicketMessages, ids});
    transaction.push_back({&sql::kLockTickets, std::move(ids)});
}

// The worker's side. Tickets come in from the queue; a take makes them this worker's under a lease,
// and record() writes what the provider answered. The worker acknowledges a ticket to the broker
// only after record() or take() has committed, so a crash between the two means that the broker
// delivers it again and finds the fence moved on.
class PgTicketStore final : public TicketStore {
public:
    explicit PgTicketStore(std::shared_ptr<Database> database) : database_(std::move(database)) {}

    Awaitable<Result<std::vector<TakenTicket>>> take(std::vector<TicketRef> tickets, WorkerId worker,
                                                     std::chrono::milliseconds lease, Handover handover,
                                                     Deadline deadline) override {
        // Only a provider without idempotency keys that is resent to needs flags, and only then are
        // the messages locked: taking stays cheap for everybody else.
        const bool flags = handover == Handover::flagged;
        Transaction transaction;
        if (flags)
            append_locks(transaction, tickets);
        auto params = ticket_arrays(tickets);
        params.uuid(worker.value).bigint(lease.count()).boolean(handover != Handover::after_mark);
        params.text(hold_reason(kTicketAhead));
        transaction.push_back({&sql::kTakeTickets, std::move(params)});
        auto asked = ticket_arrays(std::move(tickets));
        asked.uuid(worker.value);
        if (flags)
            transaction.push_back({&sql::kFlagTaken, asked});
        asked.texts(kRefusals, [](std::string_view error_class) { return error_class; });
        transaction.push_back({&sql::kReadTaken, std::move(asked)});
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        // Two statements of locks stand before the take where flags are set.
        co_return read_tickets(rows->at(flags ? 2 : 0), rows->back());
    }

    Awaitable<Result<std::vector<TicketRef>>> mark_in_flight(std::vector<TicketRef> tickets,
                                                             Deadline deadline) override {
        Transaction transaction = single(sql::kMarkInFlight, ticket_arrays(std::move(tickets)));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        std::vector<TicketRef> marked;
        for (int row = 0; row < rows->front().size(); ++row)
            marked.push_back({TicketId{rows->front().uuid(row, 0)}, rows->front().integer(row, 1)});
        co_return marked;
    }

    Awaitable<Result<LeaseReport>> renew(std::vector<TicketRef> tickets, std::chrono::milliseconds lease,
                                         Deadline deadline) override {
        // The statement returns what it renewed. Whatever it does not return was lost: another
        // worker has it, or the sweeper gave it back.
        std::unordered_set<TicketId> missing;
        for (const auto& ticket : tickets)
            missing.insert(ticket.id);
        auto params = ticket_arrays(std::move(tickets));
        params.bigint(lease.count());
        Transaction transaction = single(sql::kRenewTickets, std::move(params));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        LeaseReport report;
        for (int row = 0; row < rows->front().size(); ++row) {
            const TicketId id{rows->front().uuid(row, 0)};
            missing.erase(id);
            if (!rows->front().boolean(row, 1))
                report.halted.push_back(id);
        }
        report.lost.assign(missing.begin(), missing.end());
        co_return report;
    }

    Awaitable<Result<std::vector<BroadcastId>>> not_running(std::vector<BroadcastId> broadcasts,
                                                            Deadline deadline) override {
        Params params;
        params.uuids(broadcasts, [](const auto& id) { return id.value; });
        Transaction transaction = single(sql::kNotRunning, std::move(params));
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        std::vector<BroadcastId> halted;
        for (int row = 0; row < rows->front().size(); ++row)
            halted.push_back(BroadcastId{rows->front().uuid(row, 0)});
        co_return halted;
    }

    Awaitable<Result<void>> give_back(std::vector<TicketRef> tickets, Deadline deadline) override {
        Transaction transaction = single(sql::kGiveBackTickets, ticket_arrays(std::move(tickets)));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    }

    Awaitable<Result<void>> record(std::vector<MessageResult> results, std::chrono::milliseconds resolve_within,
                                   Deadline deadline) override {
        // An empty batch would take locks and a commit for nothing.
        if (results.empty())
            co_return Result<void>();
        Transaction transaction = record_transaction(std::move(results), database_->writer(), resolve_within);
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    }

private:
    std::shared_ptr<Database> database_;
};

} // namespace

std::unique_ptr<TicketStore> make_ticket_store(std::shared_ptr<Database> database) {
    return std::make_unique<PgTicketStore>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
