#include "gated_stores.hpp"

#include "adapters/postgres/database.hpp"

namespace smsbcast::test {

namespace pg = adapters::postgres;

namespace {

template <class T>
Call call_whether(boost::asio::awaitable<Result<T>> call) {
    const auto result = co_await std::move(call);
    co_return result ? Result<void>() : Result<void>(result.error());
}

template <class T>
Call into(boost::asio::awaitable<Result<T>> call, T& place) {
    auto result = co_await std::move(call);
    if (!result)
        co_return result.error();
    place = std::move(*result);
    co_return Result<void>();
}

Deadline soon() {
    return StoreFixture::deadline();
}

} // namespace

GatedStores::GatedStores(boost::asio::io_context& io, PostgresParams params)
    : io_(io), gate_(io), params_(std::move(params)) {
    params_.url = gate_.url();
    params_.pool_size = 1;
    change_writer();
}

int GatedStores::writer() const {
    return database_->writer();
}

void GatedStores::change_writer() {
    database_ = pg::make_database(io_, params_);
    broadcasts_ = pg::make_broadcast_store(database_);
    outbox_ = pg::make_outbox(database_);
    tickets_ = pg::make_ticket_store(database_);
    receipts_ = pg::make_receipt_store(database_);
    housekeeping_ = pg::make_housekeeping(database_);
}

Call GatedStores::connect() {
    return receipts_->ping(soon());
}

Call GatedStores::record(std::vector<MessageResult> results) {
    return tickets_->record(std::move(results), kResolve, soon());
}

Call GatedStores::receive(std::vector<Receipt> receipts) {
    return call_whether(receipts_->apply(std::move(receipts), soon()));
}

Call GatedStores::take(std::vector<TicketRef> tickets, WorkerId worker, std::vector<TakenTicket>& place) {
    return into(tickets_->take(std::move(tickets), worker, kLong, Handover::after_mark, soon()), place);
}

Call GatedStores::mark_in_flight(std::vector<TicketRef> tickets, std::vector<TicketRef>& place) {
    return into(tickets_->mark_in_flight(std::move(tickets), soon()), place);
}

Call GatedStores::renew(std::vector<TicketRef> tickets, LeaseReport& place) {
    return into(tickets_->renew(std::move(tickets), kLong, soon()), place);
}

Call GatedStores::give_back(std::vector<TicketRef> tickets) {
    return tickets_->give_back(std::move(tickets), soon());
}

Call GatedStores::claim(std::vector<ClaimedTicket>& place) {
    return into(outbox_->claim(1000, kLong, soon()), place);
}

Call GatedStores::mark_queued(std::vector<TicketRef> tickets) {
    return outbox_->mark_queued(std::move(tickets), soon());
}

Call GatedStores::command(BroadcastId id, BroadcastCommand command) {
    auto telling = broadcasts_->command(kTenant, id, command, soon());
    const auto told = co_await std::move(telling);
    if (!told && told.error() != Errc::conflict) // that it is over already is an answer too
        co_return told.error();
    co_return Result<void>();
}

Call GatedStores::cancel(BroadcastId id) {
    const auto told = co_await command(id, BroadcastCommand::cancel);
    if (!told)
        co_return told;
    co_return co_await finish_cancels();
}

Call GatedStores::finish_cancels() {
    return call_whether(housekeeping_->finish_cancels(kResolve, soon()));
}

Call GatedStores::expire_broadcasts() {
    return call_whether(housekeeping_->expire_broadcasts(kResolve, soon()));
}

Call GatedStores::expire_leases() {
    return call_whether(housekeeping_->expire_leases(kResolve, soon()));
}

Call GatedStores::requeue_lost() {
    return call_whether(housekeeping_->requeue_lost(milliseconds(0), Loss::suspected, soon()));
}

Call GatedStores::match_inbox() {
    return call_whether(housekeeping_->match_inbox(soon()));
}

Call GatedStores::end_unresolved() {
    return call_whether(housekeeping_->end_unresolved(soon()));
}

Call GatedStores::complete() {
    return call_whether(housekeeping_->complete(soon()));
}

} // namespace smsbcast::test
