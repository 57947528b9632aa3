#include "calls.hpp"
#include "claim.hpp"

namespace smsbcast::adapters::sqlite {

using runtime::Awaitable;

namespace {

// The relay's side of the outbox, as in PostgreSQL: claim, publish, then mark or release. Relay and
// writer are threads of one process, but they may die between any two steps all the same, and
// claims lapse by themselves.
class SqliteOutbox final : public Outbox {
public:
    SqliteOutbox(boost::asio::io_context& shard, std::shared_ptr<Database> database)
        : calls_(shard, std::move(database)), waiter_(std::make_shared<WorkWaiter>(shard, calls_.link())) {
        // From now on every commit that makes tickets due wakes this shard. The list holds weak
        // pointers, so the store needs no farewell.
        calls_.database()->work().add(waiter_);
    }

    Awaitable<Result<OutboxLoad>> load(Deadline deadline) override {
        // A read, so that polling for work never waits behind the writer's group.
        return calls_.read([](Transaction& transaction) -> Result<OutboxLoad> { return read_load(transaction); },
                           deadline);
    }

    Awaitable<Result<std::vector<ClaimedTicket>>> claim(int max_messages, std::chrono::milliseconds lease,
                                                        Deadline deadline) override {
        return calls_.write(
            [max_messages, lease](Transaction& transaction) -> Result<std::vector<ClaimedTicket>> {
                return claim_tickets(transaction, max_messages, lease.count());
            },
            deadline);
    }

    Awaitable<Result<void>> mark_queued(std::vector<TicketRef> tickets, Deadline deadline) override {
        return calls_.write(
            [tickets = std::move(tickets)](Transaction& transaction) -> Result<void> {
                mark_tickets_queued(transaction, tickets);
                return {};
            },
            deadline);
    }

    Awaitable<Result<void>> release(std::vector<TicketRef> tickets, Deadline deadline) override {
        return calls_.write(
            [tickets = std::move(tickets)](Transaction& transaction) -> Result<void> {
                release_tickets(transaction, tickets);
                return {};
            },
            deadline);
    }

    Awaitable<void> wait_for_work(Deadline deadline) override { return waiter_->wait(deadline); }

private:
    Calls calls_;
    std::shared_ptr<WorkWaiter> waiter_;
};

} // namespace

std::unique_ptr<Outbox> make_outbox(boost::asio::io_context& shard, std::shared_ptr<Database> database) {
    return std::make_unique<SqliteOutbox>(shard, std::move(database));
}

} // namespace smsbcast::adapters::sqlite
