#include "calls.hpp"
#include "query.hpp"
#include "record.hpp"
#include "take.hpp"
#include "ticket_statements.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;
using std::chrono::milliseconds;

namespace {

// A read, since workers ask it often, to stop soon after a pause or a cancel, and must not wait for
// the writer.
std::vector<BroadcastId> find_halted(Transaction& transaction, const std::vector<BroadcastId>& broadcasts) {
    std::vector<BroadcastId> halted;
    for (const auto& id : broadcasts)
        if (Query(transaction.db, sql::kHalted, id, transaction.now).next())
            halted.push_back(id);
    return halted;
}

// The worker's side. A take makes tickets this worker's under a lease, and record() writes what the
// provider answered; each is a job of the writer's thread, in a transaction that it may share with
// the jobs of other roles.
class SqliteTicketStore final : public TicketStore {
public:
    SqliteTicketStore(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)) {}

    Awaitable<Result<std::vector<TakenTicket>>> take(std::vector<TicketRef> tickets, WorkerId worker,
                                                     milliseconds lease, Handover handover,
                                                     Deadline deadline) override {
        return calls_.write(
            [tickets = std::move(tickets), worker, lease,
             handover](Transaction& transaction) -> Result<std::vector<TakenTicket>> {
                return take_tickets(transaction, tickets, worker, lease.count(), handover);
            },
            deadline);
    }

    Awaitable<Result<std::vector<TicketRef>>> mark_in_flight(std::vector<TicketRef> tickets,
                                                             Deadline deadline) override {
        return calls_.write(
            [tickets = std::move(tickets)](Transaction& transaction) -> Result<std::vector<TicketRef>> {
                return sqlite::mark_in_flight(transaction, tickets);
            },
            deadline);
    }

    Awaitable<Result<LeaseReport>> renew(std::vector<TicketRef> tickets, milliseconds lease,
                                         Deadline deadline) override {
        return calls_.write(
            [tickets = std::move(tickets), lease](Transaction& transaction) -> Result<LeaseReport> {
                return renew_tickets(transaction, tickets, lease.count());
            },
            deadline);
    }

    Awaitable<Result<std::vector<BroadcastId>>> not_running(std::vector<BroadcastId> broadcasts,
                                                            Deadline deadline) override {
        return calls_.read(
            [broadcasts = std::move(broadcasts)](Transaction& transaction) -> Result<std::vector<BroadcastId>> {
                return find_halted(transaction, broadcasts);
            },
            deadline);
    }

    Awaitable<Result<void>> give_back(std::vector<TicketRef> tickets, Deadline deadline) override {
        return calls_.write(
            [tickets = std::move(tickets)](Transaction& transaction) -> Result<void> {
                give_tickets_back(transaction, tickets);
                return {};
            },
            deadline);
    }

    Awaitable<Result<void>> record(std::vector<MessageResult> results, milliseconds resolve_within,
                                   Deadline deadline) override {
        // The shard sorts, so that the one thread that writes does not have to.
        sort_results(results);
        return calls_.write(
            [results = std::move(results), resolve_within](Transaction& transaction) -> Result<void> {
                record_results(transaction, results, resolve_within.count());
                return {};
            },
            deadline);
    }

private:
    Calls calls_;
};

} // namespace

std::unique_ptr<TicketStore> make_ticket_store(boost::asio::io_context& shard, std::shared_ptr<Database> database) {
    return std::make_unique<SqliteTicketStore>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
