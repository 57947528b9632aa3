#include "database.hpp"
#include "listener.hpp"
#include "outbox_statements.hpp"
#include "ticket_arrays.hpp"

namespace smsbcast::adapters::postgres {

using runtime::Awaitable;

namespace {

// The relay's side of the outbox. A round is: claim what is due, publish it, mark what the broker
// confirmed, release what it refused. A crash between any two of these leaves claims that lapse by
// themselves; a ticket that was published twice is taken once, since the fence moves on with the
// first take.
class PgOutbox final : public Outbox {
public:
    explicit PgOutbox(std::shared_ptr<Database> database) : database_(std::move(database)), listener_(*database_) {}

    Awaitable<Result<OutboxLoad>> load(Deadline deadline) override {
        Transaction transaction = single(sql::kOutboxLoad, Params());
        const auto rows = co_await database_->read(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        const auto& row = rows->front();
        co_return OutboxLoad{row.bigint(0, 0), row.boolean(0, 1)};
    }

    Awaitable<Result<std::vector<ClaimedTicket>>> claim(int max_messages, std::chrono::milliseconds lease,
                                                        Deadline deadline) override {
        Transaction transaction = single(sql::kClaimTickets, Params().integer(max_messages).bigint(lease.count()));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        if (!rows)
            co_return rows.error();
        std::vector<ClaimedTicket> tickets;
        const auto& found = rows->front();
        for (int row = 0; row < found.size(); ++row)
            tickets.push_back({{TicketId{found.uuid(row, 0)}, found.integer(row, 1)},
                               BroadcastId{found.uuid(row, 2)},
                               found.integer(row, 3)});
        co_return tickets;
    }

    // The mark comes after the confirm and never before it: the other order would lose a ticket
    // whose publication failed.
    Awaitable<Result<void>> mark_queued(std::vector<TicketRef> tickets, Deadline deadline) override {
        return change(&sql::kMarkQueued, std::move(tickets), deadline);
    }

    Awaitable<Result<void>> release(std::vector<TicketRef> tickets, Deadline deadline) override {
        return change(&sql::kReleaseTickets, std::move(tickets), deadline);
    }

    Awaitable<void> wait_for_work(Deadline deadline) override { return listener_.wait(deadline); }

private:
    // Each ticket is named with its fence, so a mark or a release that arrives late does nothing to
    // a ticket that a worker took meanwhile.
    Awaitable<Result<void>> change(const Statement* statement, std::vector<TicketRef> tickets, Deadline deadline) {
        Transaction transaction = single(*statement, ticket_arrays(std::move(tickets)));
        const auto rows = co_await database_->run(std::move(transaction), deadline);
        co_return rows ? Result<void>() : Result<void>(rows.error());
    }

    std::shared_ptr<Database> database_;
    Listener listener_;
};

} // namespace

std::unique_ptr<Outbox> make_outbox(std::shared_ptr<Database> database) {
    return std::make_unique<PgOutbox>(std::move(database));
}

} // namespace smsbcast::adapters::postgres
