#pragma once

#include "pg_fixture.hpp"
#include "statement_gate.hpp"

#include <memory>
#include <vector>

namespace smsbcast::test {

/// One call of a port, or a few in a row.
using Call = boost::asio::awaitable<Result<void>>;

/// One process's stores on a single connection, with a gate before it. A call tells only whether it succeeded; what it
/// gave goes where `into` points.
class GatedStores {
public:
    GatedStores(boost::asio::io_context& io, PostgresParams params);

    StatementGate& gate() { return gate_; }
    int writer() const;

    /// Another pool, which writes its counts under a number drawn anew. Only before the first call.
    void change_writer();

    Call connect();
    Call record(std::vector<MessageResult> results);
    Call receive(std::vector<Receipt> receipts);
    Call take(std::vector<TicketRef> tickets, WorkerId worker, std::vector<TakenTicket>& into);
    Call mark_in_flight(std::vector<TicketRef> tickets, std::vector<TicketRef>& into);
    Call renew(std::vector<TicketRef> tickets, LeaseReport& into);
    Call give_back(std::vector<TicketRef> tickets);
    Call claim(std::vector<ClaimedTicket>& into);
    Call mark_queued(std::vector<TicketRef> tickets);
    Call command(BroadcastId id, BroadcastCommand command);
    Call cancel(BroadcastId id); ///< the command and the sweep
    Call finish_cancels();
    Call expire_broadcasts();
    Call expire_leases();
    Call requeue_lost();
    Call match_inbox();
    Call end_unresolved();
    Call complete();

private:
    boost::asio::io_context& io_;
    StatementGate gate_;
    PostgresParams params_;
    std::shared_ptr<adapters::postgres::Database> database_;
    std::unique_ptr<BroadcastStore> broadcasts_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<TicketStore> tickets_;
    std::unique_ptr<ReceiptStore> receipts_;
    std::unique_ptr<Housekeeping> housekeeping_;
};

} // namespace smsbcast::test
